"""Settings of a lake, from `shoplake.toml` and the environment."""

from shoplake.settings.settings import FEED as FEED
from shoplake.settings.settings import FILE as FILE
from shoplake.settings.settings import LANDING as LANDING
from shoplake.settings.settings import MODELS as MODELS
from shoplake.settings.settings import PLAN as PLAN
from shoplake.settings.settings import TOP as TOP
from shoplake.settings.settings import Settings as Settings
from shoplake.settings.settings import check_zone as check_zone
from shoplake.settings.settings import load as load
from shoplake.settings.settings import used_packages as used_packages
