"""As it arrived, plus from where and when."""
