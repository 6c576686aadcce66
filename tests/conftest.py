"""Its place lets every test folder import ``fakes``."""
