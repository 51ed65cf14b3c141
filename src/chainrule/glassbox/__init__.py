"""What happens inside, and what is wrong? Looking at numbers that a network computes, and checking them."""
