"""All settings of a webhook, in the order in which forms and the API show them."""

from app.domain.webhooks.settings import advanced, endpoint, events, request, sending
from app.domain.webhooks.settings.setting import PRESET

SECTIONS = (endpoint.SECTION, events.SECTION, request.SECTION, sending.SUCCESS, advanced.SECTION)
SETTINGS = tuple(setting for section in SECTIONS for setting in section.settings)
BY_NAME = {setting.name: setting for setting in SETTINGS}

PUBLIC = tuple(setting for setting in SETTINGS if not setting.is_secret)
# Stored sealed, kept by updates that do not mention them.
OWNER_SECRETS = tuple(setting for setting in SETTINGS if setting.secrecy == "owner")
FROM_PRESET = tuple(setting for setting in SETTINGS if setting.default is PRESET)
