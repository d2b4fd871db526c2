"""Of every test: how long a property takes by the clock on the wall is not judged. A busy machine would fail it."""

from hypothesis import settings

settings.register_profile("suite", deadline=None)
if settings.get_current_profile_name() == "default":  # whoever changes the rules and tries the tests has a profile too
    settings.load_profile("suite")
