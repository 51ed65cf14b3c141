"""Every check that scikit-learn has for estimators passes, none is expected to fail."""

from __future__ import annotations

from functools import partial

import pytest
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from chainrule import MLPClassifier, MLPRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning"),
    pytest.mark.filterwarnings("ignore:A column-vector y was passed::"),
]

EQUIVALENCE = {"check_sample_weight_equivalence_on_dense_data", "check_sample_weight_equivalence_on_sparse_data"}
"""They ask for the same bits from 15 weighted and from some 30 repeated rows, which random numbers for each row forbid."""

FEW_ROWS = {
    "check_fit_score_takes_y",
    "check_estimators_nan_inf",
    "check_estimators_partial_fit_n_features",
    "check_n_features_in_after_fitting",
    "check_classifiers_one_label",
    "check_classifiers_one_label_sample_weights",
    "check_fit2d_1feature",
    "check_regressors_no_decision_function",
}
"""They call partial_fit, or fit so few rows that there is none to hold out, of which an estimator must say so."""


@parametrize_with_checks(
    [
        MLPClassifier(),
        MLPRegressor(),
        MLPClassifier(solver="lbfgs", max_iter=50),
        MLPRegressor(solver="lbfgs"),
        MLPClassifier(n_members=2, max_iter=50),
        MLPRegressor(n_members=2, max_iter=50),
        MLPClassifier(batch_norm=True, max_iter=50),
        MLPClassifier(loss="hinge", max_iter=50),
    ]
)
def test_every_check_passes(estimator, check):
    check(estimator)


def _others():
    for estimator, without in (
        # its score is the accuracy, in which the classes weigh as many rows as they have
        (MLPClassifier(early_stopping=True, max_iter=50), EQUIVALENCE | FEW_ROWS | {"check_class_weight_classifiers"}),
        (MLPRegressor(early_stopping=True, max_iter=50), EQUIVALENCE | FEW_ROWS),
        (MLPClassifier(dropout=0.1, max_iter=50), EQUIVALENCE),
        (MLPRegressor(loss="quantile", max_iter=50), EQUIVALENCE),
    ):
        for each, check in estimator_checks_generator(estimator, mark=None):
            function = check.func if isinstance(check, partial) else check
            if function.__name__ not in without:
                yield pytest.param(each, check, id=f"{each}-{function.__name__}")


@pytest.mark.parametrize(("estimator", "check"), list(_others()))
def test_what_holds_out_rows_or_draws_masks_passes_the_rest(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore:X .*feature names:UserWarning")  # they mix both
@pytest.mark.parametrize("estimator", [MLPClassifier(max_iter=20), MLPRegressor(max_iter=20)], ids=str)
@pytest.mark.parametrize(
    "name",
    [
        "check_param_validation",
        "check_dataframe_column_names_consistency",
        "check_inplace_ensure_writeable",
        "check_set_output_transform",
        "check_set_output_transform_pandas",
        "check_set_output_transform_polars",
        "check_global_output_transform_pandas",
        "check_global_set_output_transform_polars",
        "check_transformer_get_feature_names_out",
        "check_transformer_get_feature_names_out_pandas",
    ],
)
def test_checks_that_are_made_of_scikit_learns_own_estimators_alone_pass_too(estimator, name):
    getattr(estimator_checks, name)(type(estimator).__name__, estimator)
