"""The effective configuration as YAML: defaults included, secrets hidden."""

import io
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML

from backoffice.config.load import Registry
from backoffice.config.model import Configuration, ReceiverConfiguration
from consumers.notify.channels.config import ChannelConfig
from consumers.notify.secrets import SECRET_IN_SETTINGS, placeholders

HIDDEN = "(hidden)"


def effective(configuration: Configuration, registry: Registry) -> str:
    """Everything the program would use, with what the file does not say."""
    settings = configuration.alerting.settings()
    values = {
        "space": configuration.space,
        "broker": _plain(configuration.broker),
        "calendar": _plain(configuration.calendar),
        "rules": {name: _plain(configuration.rules[name]) for name in registry},
        "alerting": {
            "route": settings.route.model_dump(mode="json", by_alias=True, exclude_unset=True),
            "receivers": [_receiver(receiver) for receiver in configuration.alerting.all_receivers()],
            "escalation_policies": [_plain(policy) for policy in settings.escalation_policies],
            **_plain(settings, "users", "schedules", "priorities", "override_retention_days"),
            **_plain(settings, "inhibit_rules", "time_intervals", "resolve_timeout"),
            "delivery": _plain(configuration.alerting.delivery),
            **_links(configuration),
            **_plain(settings, "link_retention_days", "resolved_retention_days", "silence_retention_days"),
        },
        "api": configuration.api.model_dump(mode="json", exclude_none=True),
        "archive": _archive(configuration),
    }
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.representer.sort_base_mapping_type_on_output = False
    yaml.dump(values, text)
    return text.getvalue()


def _receiver(receiver: ReceiverConfiguration) -> dict[str, Any]:
    """A receiver as it would be written, without what is not set."""
    values = receiver.model_dump(mode="json", exclude_none=True, exclude={"channels", "fallback"})
    channels = {"channels": [without_secrets(channel) for channel in receiver.channels]}
    fallback = {"fallback": [without_secrets(channel) for channel in receiver.fallback]} if receiver.fallback else {}
    return {**values, **channels, **fallback}


def _links(configuration: Configuration) -> dict[str, Any]:
    links = configuration.alerting.action_links
    return {} if links is None else {"action_links": _hidden(links)}


def _archive(configuration: Configuration) -> dict[str, Any]:
    """Its address may hold a password."""
    settings = configuration.archive
    hidden = {name: value for name, value in _hidden(settings).items() if name == "url"}
    return hidden | settings.model_dump(mode="json", exclude={"url"})


def without_secrets(channel: ChannelConfig) -> dict[str, Any]:
    """A channel's configuration, in which each secret that is written out is hidden. References to one are shown."""
    return {"type": channel.type, **_hidden(channel)}


def _hidden(model: BaseModel) -> dict[str, Any]:
    values = model.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    for name in secret_fields(type(model)):
        if name in values:
            values[name] = [_hide(v) for v in values[name]] if isinstance(values[name], list) else _hide(values[name])
    return values


def secret_fields(model: type[BaseModel]) -> Iterable[str]:
    """The fields whose schema, however deep, is marked as secret."""
    for name, schema in model.model_json_schema()["properties"].items():
        if SECRET_IN_SETTINGS in str(schema):
            yield name


def _hide(value: str) -> str:
    """`${NAME}` alone is a reference; anything more may be the secret itself."""
    names = placeholders(value)
    return value if names and value == f"${{{names[0]}}}" else HIDDEN


def _plain(model: BaseModel, *names: str) -> dict[str, Any]:
    """A model's values, or some of them. What is None says the same when it is not there."""
    return model.model_dump(mode="json", by_alias=True, include=set(names) or None, exclude_none=bool(names))
