from __future__ import annotations

from sklearn.utils.estimator_checks import parametrize_with_checks

from chainrule.estimators.table_encoder import TableEncoder


@parametrize_with_checks([TableEncoder(), TableEncoder(max_categories=3, min_frequency=1, smooth_clip=False)])
def test_every_check_of_scikit_learn_passes(estimator, check):
    check(estimator)
