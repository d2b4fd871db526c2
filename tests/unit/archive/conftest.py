"""kafka-python warns when it is imported on Python 3.11 to 3.12; the tests treat warnings as errors."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import kafka  # noqa: F401
