"""Alertmanager's own configuration file: what it says is done, and what is not done is refused by name."""

from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from typer.testing import CliRunner

from backoffice.cli import app
from backoffice.config import Configuration, ConfigurationError, load
from backoffice.config.alertmanager import Alertmanager, read
from backoffice.config.secrets import missing_secrets
from backoffice.config.show import HIDDEN, effective
from backoffice.notifying import receivers
from consumers.notify.channels.config import EmailChannel, PagerDutyChannel, SlackChannel, WebhookChannel
from consumers.notify.secrets import Secrets
from processors.alerting.settings import AlertingSettings
from schemas.settings import Settings

REGISTRY = {"it": Settings}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path


def given(folder: Path, text: str) -> Alertmanager:
    file = folder / "alertmanager.yml"
    file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return read(Path("alertmanager.yml"), folder)


def refused(folder: Path, text: str) -> list[str]:
    """What is said of a file, without its path."""
    with pytest.raises(ConfigurationError) as caught:
        given(folder, text)
    return [line.removeprefix(f"{folder / 'alertmanager.yml'}:") for line in str(caught.value).splitlines()]


def channels(folder: Path, receiver: str, common: str = "{}") -> tuple[Any, ...]:
    """The channels of a file's one receiver."""
    found = given(folder, f"global: {common}\nroute: {{receiver: a}}\nreceivers: [{{name: a, {receiver}}}]")
    return found.receivers[0].channels


def test_the_older_ways_to_write_matchers_say_the_same_as_the_newer(folder: Path) -> None:
    found = given(
        folder,
        """
        route:
          receiver: a
          routes:
            - match: {team: on, tier: 007}
              match_re: {service: db|web}
              matchers: ['severity!="info"', '{area="north", "the owner"=~"x.*"}']
        inhibit_rules:
          - source_match: {severity: critical}
            source_match_re: {service: .+}
            target_match_re: {severity: warning|info}
            target_matchers: [team="on"]
            equal: [cluster]
        receivers: [{name: a}]
        """,
    )
    assert found.route.routes[0].matchers == (
        'area="north"',
        'service=~"^(?:db|web)$"',
        'severity!="info"',
        'team="on"',
        '"the owner"=~"x.*"',
        'tier="007"',
    )
    (rule,) = found.inhibit_rules
    assert rule.source_matchers == ('service=~"^(?:.+)$"', 'severity="critical"')
    assert rule.target_matchers == ('severity=~"^(?:warning|info)$"', 'team="on"')
    assert rule.equal == ("cluster",)


def test_what_a_route_does_not_say_it_leaves_to_be_inherited(folder: Path) -> None:
    found = given(
        folder,
        """
        global: {resolve_timeout: 3m}
        route:
          receiver: a
          group_by: [alertname]
          group_wait: 0s
          routes: [{group_by: [], receiver: '', routes: [{group_by: ['...'], repeat_interval: 1d12h, continue: yes}]}]
        receivers: [{name: a}]
        """,
    )
    assert found.resolve_timeout == timedelta(minutes=3)
    assert (found.route.group_wait, found.route.group_interval) == (timedelta(), None)
    (child,) = found.route.routes
    assert (child.group_by, child.receiver) == (None, None), "empty is as if it were not there"
    assert (child.routes[0].group_by, child.routes[0].continue_) == (("...",), True)
    assert child.routes[0].repeat_interval == timedelta(hours=36)


def test_time_intervals_may_have_their_older_name(folder: Path) -> None:
    found = given(
        folder,
        """
        route: {receiver: a, routes: [{mute_time_intervals: [nights], active_time_intervals: [weekends]}]}
        time_intervals:
          - name: nights
            time_intervals: [{times: [{start_time: 20:00, end_time: 24:00}], location: Europe/Berlin, years: [2026]}]
        mute_time_intervals: [{name: weekends, time_intervals: [{weekdays: [Saturday, sunday]}]}]
        receivers: [{name: a}]
        """,
    )
    assert [interval.name for interval in found.time_intervals] == ["nights", "weekends"]
    assert found.time_intervals[0].time_intervals[0].years == ("2026",)


def test_a_receiver_without_integrations_tells_nobody(folder: Path) -> None:
    found = given(folder, "route: {receiver: 'null'}\nreceivers: [{name: 'null'}]")
    assert [channel.type for channel in found.receivers[0].channels] == ["nobody"]


def test_a_webhook_is_a_webhook(folder: Path) -> None:
    (one,) = channels(folder, "webhook_configs: [{url: 'http://hook.example/x', max_alerts: 5, timeout: 3s}]")
    assert one == WebhookChannel(url="http://hook.example/x", max_alerts=5, timeout_seconds=3)
    (other,) = channels(folder, "webhook_configs: [{url_file: hook.url, send_resolved: false}]")
    assert other == WebhookChannel(url_file="hook.url", send_resolved=False)


@pytest.mark.parametrize(
    ("http_config", "login"),
    [
        ("{basic_auth: {username: u, password: p}}", {"username": "u", "password": "p"}),
        ("{basic_auth: {username: u, password_file: pw}}", {"username": "u", "password_file": "pw"}),
        ("{authorization: {credentials: t}}", {"token": "t"}),
        ("{authorization: {type: bearer, credentials_file: t}}", {"token_file": "t"}),
        ("{bearer_token: t}", {"token": "t"}),
        ("{bearer_token_file: t}", {"token_file": "t"}),
        ("{}", {}),
    ],
)
def test_a_webhook_logs_in_as_it_says_or_as_global_says(folder: Path, http_config: str, login: dict[str, str]) -> None:
    wanted = WebhookChannel.model_validate({"url": "http://x", **login})
    (own,) = channels(folder, f"webhook_configs: [{{url: 'http://x', http_config: {http_config}}}]")
    (common,) = channels(folder, "webhook_configs: [{url: 'http://x'}]", f"{{http_config: {http_config}}}")
    assert own == common == wanted


@pytest.mark.parametrize(
    ("http_config", "said"),
    [
        ("{basic_auth: {username: u}}", "webhook_configs[0]: a username needs a password"),
        (
            "{basic_auth: {username: u, password: p}, bearer_token: t}",
            "webhook_configs[0]: give a token, or a username",
        ),
        ("{authorization: {type: Token, credentials: t}}", "authorization.type: string should match pattern"),
    ],
)
def test_a_login_that_is_none_is_refused(folder: Path, http_config: str, said: str) -> None:
    webhook = f"{{url: 'http://x', http_config: {http_config}}}"
    (found,) = refused(folder, f"route: {{receiver: a}}\nreceivers: [{{name: a, webhook_configs: [{webhook}]}}]")
    assert said in found


def test_nobody_logs_in_to_a_chat(folder: Path) -> None:
    text = """
        global: {http_config: {bearer_token: t}, slack_api_url: 'https://chat.example/x'}
        route: {receiver: a}
        receivers: [{name: a, slack_configs: [{}]}]
        """
    (said,) = refused(folder, text)
    assert said.startswith("3: receivers[0].slack_configs[0]: only webhooks log in (")


def test_a_mail_takes_from_global_what_it_does_not_say(folder: Path) -> None:
    common = (
        "{smtp_smarthost: 'mail.example:25', smtp_from: b@example.org, smtp_auth_username: u, smtp_auth_password: p}"
    )
    (plain,) = channels(folder, "email_configs: [{to: 'a@example.org, \"C, c\" <c@example.org>'}]", common)
    assert plain == EmailChannel(
        to=("a@example.org", '"C, c" <c@example.org>'),
        from_="b@example.org",
        smarthost="mail.example:25",
        hello="localhost",
        username="u",
        password="p",
        send_resolved=False,
    )
    own = "{to: a@example.org, from: d@example.org, smarthost: 'other:465', auth_password_file: pw, hello: me}"
    (other,) = channels(folder, f"email_configs: [{own}]", common)
    assert (other.from_, other.smarthost, other.tls, other.hello) == ("d@example.org", "other:465", "tls", "me")
    assert (other.password, other.password_file) == (None, "pw")


@pytest.mark.parametrize(
    ("common", "own", "tls"), [("yes", "", "starttls"), ("no", "", "none"), ("no", "require_tls: true", "starttls")]
)
def test_a_mail_is_encrypted_unless_it_need_not(folder: Path, common: str, own: str, tls: str) -> None:
    said = f"{{smtp_smarthost: 'm:25', smtp_from: b@example.org, smtp_require_tls: {common}}}"
    (found,) = channels(folder, f"email_configs: [{{to: a@example.org, {own}}}]", said)
    assert found.tls == tls


def test_pagerduty_and_chat_take_their_addresses_from_global(folder: Path) -> None:
    common = "{pagerduty_url: 'https://eu.example/enqueue', slack_api_url_file: slack.url}"
    (pager,) = channels(folder, "pagerduty_configs: [{routing_key: k}]", common)
    assert pager == PagerDutyChannel(routing_key="k", url="https://eu.example/enqueue")
    (chat,) = channels(folder, "slack_configs: [{channel: '#ops', username: am, icon_emoji: ':bell:'}]", common)
    assert chat == SlackChannel(
        url_file="slack.url", channel="#ops", username="am", icon_emoji=":bell:", send_resolved=False
    )
    (own,) = channels(folder, "slack_configs: [{api_url: 'https://chat.example/x', send_resolved: true}]", common)
    assert own == SlackChannel(url="https://chat.example/x")


def test_what_is_not_done_is_refused_by_name_with_its_line_and_what_to_do_instead(folder: Path) -> None:
    said = refused(
        folder,
        """
        global:
          opsgenie_api_key: k
          http_config:
            proxy_url: http://proxy
        templates:
          - /etc/alertmanager/*.tmpl
        route:
          receiver: a
        receivers:
          - name: a
            opsgenie_configs:
              - {api_key: k}
            webhook_configs:
              - url: https://hook.example/{{ .GroupLabels.team }}
              - url: https://hook.example
                http_config:
                  oauth2: {client_id: c, client_secret: s, token_url: t}
            slack_configs:
              - api_url: https://chat.example
                title: '{{ template "ours" . }}'
                color: red
            pagerduty_configs:
              - service_key: k
        """,
    )
    assert [line.partition(" (")[0] for line in said] == [
        "2: global.opsgenie_api_key: belongs to OpsGenie, which is not supported from here",
        "4: global.http_config.proxy_url: is not read from here",
        "5: templates: Go templates are not supported",
        "11: receivers[0].opsgenie_configs: OpsGenie is not supported from here",
        "14: receivers[0].webhook_configs[0].url: Go templates are not supported",
        "17: receivers[0].webhook_configs[1].http_config.oauth2: is not supported",
        "20: receivers[0].slack_configs[0].title: Go templates are not supported",
        "21: receivers[0].slack_configs[0].color: texts of notices are ours",
        "23: receivers[0].pagerduty_configs[0].service_key: is of an older API",
    ]
    assert all(line.endswith(")") for line in said), "each says what to do"


def test_what_is_refused_hides_no_other_mistake(folder: Path) -> None:
    said = refused(
        folder,
        """
        templates: [a.tmpl]
        global: {telegram_api_url: x, smtp_from: [a]}
        receivers: [{name: a, webhook_configs: [{url: ftp://x}, {url_file: '{{ x }}'}]}]
        """,
    )
    assert [line.partition(":")[0] + line.partition(":")[2].partition(":")[0] for line in said] == [
        "1 route",
        "1 templates",
        "2 global.smtp_from",
        "2 global.telegram_api_url",
        "3 receivers[0].webhook_configs[1].url_file",
    ]


def test_what_says_no_to_something_that_is_not_done_is_taken(folder: Path) -> None:
    http = "{follow_redirects: false, enable_http2: false, proxy_from_environment: no, tls_config: {}}"
    (found,) = channels(folder, f"webhook_configs: [{{url: 'http://x', http_config: {http}}}]")
    assert found == WebhookChannel(url="http://x")


def test_what_is_empty_is_as_if_it_were_not_there(folder: Path) -> None:
    text = "templates: []\nroute: {receiver: a}\nreceivers: [{name: a, opsgenie_configs: [], slack_configs: null}]"
    assert given(folder, text).receivers[0].name == "a"


@pytest.mark.parametrize(
    ("receiver", "said"),
    [
        ("webhook_configs: [{}]", "receivers[0].webhook_configs[0]: give either url or url_file"),
        ("webhook_configs: [{url: ftp://x}]", "receivers[0].webhook_configs[0]: url: not an address of the form"),
        (
            "webhook_configs: [{url: http://x, utl: y}]",
            "receivers[0].webhook_configs[0].utl: unknown key (did you mean",
        ),
        ("webhook_configs: [{url: http://x, timeout: 5}]", "receivers[0].webhook_configs[0].timeout: '5' is not a"),
        ("email_configs: [{}]", "receivers[0].email_configs[0].to: is missing"),
        ("email_configs: [{to: a@example.org}]", "receivers[0].email_configs[0]: from: is missing"),
        (
            "email_configs: [{to: nobody, from: a@b, smarthost: 'm:25'}]",
            "receivers[0].email_configs[0]: to[0]: 'nobody'",
        ),
        ("pagerduty_configs: [{}]", "receivers[0].pagerduty_configs[0]: give either routing_key or"),
        ("slack_configs: [{}]", "receivers[0].slack_configs[0]: give either url or url_file"),
        (
            "slack_configs: [{api_url: 'http://x', api_url_file: y}]",
            "receivers[0].slack_configs[0]: give url or url_file",
        ),
        ("pager_configs: []", "receivers[0].pager_configs: unknown key (did you mean 'pagerduty_configs'?)"),
    ],
)
def test_a_receiver_that_cannot_work_is_refused(folder: Path, receiver: str, said: str) -> None:
    (found,) = [
        line
        for line in refused(folder, f"route: {{receiver: a}}\nreceivers: [{{name: a, {receiver}}}]")
        if said in line
    ]
    assert found.startswith("2: ")


def test_names_that_do_not_exist_or_come_twice_are_refused_with_their_lines(folder: Path) -> None:
    said = refused(
        folder,
        """
        route:
          receiver: tem
          routes:
            - mute_time_intervals:
                - never
        receivers:
          - name: team
          - name: team
        time_intervals: [{name: n}]
        mute_time_intervals:
          - name: n
        """,
    )
    assert said == [
        "2: route.receiver: there is no receiver 'tem' (did you mean 'team'? or add it under receivers)",
        "5: route.routes[0].mute_time_intervals[0]: there is no time interval 'never' "
        "(known here: n or add it under time_intervals)",
        "8: receivers[1].name: a second receiver named 'team' (rename one of them, or merge them)",
        "11: mute_time_intervals[0].name: a second time interval named 'n' (rename one of them, or merge them)",
    ]


class TestInOurs:
    """`alerting.alertmanager` of our own configuration."""

    THEIRS = """
        route: {receiver: team X, routes: [{matchers: [severity="critical"], receiver: pager, group_interval: 1m}]}
        inhibit_rules: [{source_matchers: [a="b"], target_matchers: [c="d"]}]
        time_intervals: [{name: nights, time_intervals: [{times: [{start_time: 20:00, end_time: 24:00}]}]}]
        receivers:
          - name: team X
            webhook_configs: [{url_file: hook.url}]
          - name: pager
            slack_configs: [{api_url: 'https://chat.example/x'}]
        """

    @staticmethod
    def ours(folder: Path, text: str, theirs: str = THEIRS) -> Configuration:
        (folder / "am").mkdir(exist_ok=True)
        (folder / "am/alertmanager.yml").write_text(dedent(theirs))
        (folder / "backoffice.yaml").write_text(dedent(text).lstrip("\n"))
        return load(folder / "backoffice.yaml", REGISTRY)

    def test_it_is_the_route_tree_and_everything_else_that_it_says(self, folder: Path) -> None:
        found = self.ours(folder, "alerting: {alertmanager: am/alertmanager.yml}")
        settings = found.alerting.settings()
        assert settings.route.receiver == "team X"
        assert settings.route.routes[0].group_interval == timedelta(minutes=1)
        assert [receiver.name for receiver in settings.receivers] == ["team X", "pager"]
        assert [receiver.send_resolved for receiver in settings.receivers] == [True, False]
        assert settings.escalation_policies == (), "the built-in ones belong to the built-in tree"
        assert len(settings.inhibit_rules) == len(settings.time_intervals) == 1
        assert missing_secrets(found, {}) == [
            f"receiver team X, webhook: {folder / 'am/hook.url'}: cannot be read: [Errno 2] No such file or directory: "
            f"'{folder / 'am/hook.url'}' (create the file, or let us read it)"
        ], "a file that theirs names is beside theirs"

    def test_the_notifier_can_tell_everybody_whom_it_names(self, folder: Path) -> None:
        found = self.ours(folder, "alerting: {alertmanager: am/alertmanager.yml}")
        (folder / "am/hook.url").write_text("https://hook.example/x")
        told = receivers(found, Secrets({}, found.folder))
        assert list(told) == ["team X", "pager"]
        for receiver in told.values():
            for outlet in receiver.outlets:
                outlet.channel.close()

    def test_it_travels_on_the_log_as_it_is(self, folder: Path) -> None:
        settings = self.ours(folder, "alerting: {alertmanager: am/alertmanager.yml}").alerting.settings()
        assert AlertingSettings.model_validate_json(settings.model_dump_json(exclude_unset=True)) == settings

    def test_what_is_shown_of_both_says_the_same_in_one(self, folder: Path) -> None:
        both = self.ours(folder, "alerting: {alertmanager: am/alertmanager.yml}")
        (folder / "shown.yaml").write_text(effective(both, REGISTRY).replace(HIDDEN, "https://chat.example/x"))
        shown = load(folder / "shown.yaml", REGISTRY)
        assert shown.alerting.settings() == both.alerting.settings()
        assert shown.alerting.all_receivers() == both.alerting.all_receivers()

    def test_what_it_cannot_say_ours_says_under_the_receivers_name(self, folder: Path) -> None:
        found = self.ours(
            folder,
            """
            alerting:
              alertmanager: am/alertmanager.yml
              receivers:
                - name: team X
                  escalation: up
                  quiet_hours: {time_intervals: [nights, lunch]}
                - name: boss
              escalation_policies: [{name: up, steps: [{targets: [boss, pager], delay_minutes: 5}]}]
              time_intervals: [{name: lunch, time_intervals: []}]
            """,
        )
        receivers = {receiver.name: receiver for receiver in found.alerting.all_receivers()}
        assert list(receivers) == ["team X", "boss", "pager"]
        assert receivers["team X"].escalation == "up"
        assert [channel.type for channel in receivers["team X"].channels] == ["webhook"]
        assert [channel.type for channel in receivers["boss"].channels] == ["terminal"]
        assert [interval.name for interval in found.alerting.time_intervals] == ["lunch", "nights"]

    def test_one_thing_is_not_said_in_both(self, folder: Path) -> None:
        with pytest.raises(ConfigurationError, match=r"am/alertmanager.yml says route and resolve_timeout \(remove it"):
            self.ours(
                folder, "alerting: {alertmanager: am/alertmanager.yml, route: {receiver: a}, resolve_timeout: 1m}"
            )

    def test_what_is_wrong_in_it_is_said_of_it(self, folder: Path) -> None:
        with pytest.raises(ConfigurationError) as caught:
            self.ours(folder, "alerting: {alertmanager: am/alertmanager.yml}", "route:\n  receiver: a\n")
        assert str(caught.value).startswith(f"{folder / 'am/alertmanager.yml'}:2: route.receiver: there is no receiver")

    def test_a_policy_that_there_is_not_is_said_of_ours(self, folder: Path) -> None:
        text = "alerting:\n  alertmanager: am/alertmanager.yml\n  receivers:\n    - {name: pager, escalation: up}\n"
        with pytest.raises(ConfigurationError) as caught:
            self.ours(folder, text)
        assert "backoffice.yaml:4: alerting.receivers[0].escalation: there is no escalation policy" in str(caught.value)

    def test_a_file_that_is_not_there_is_named(self, folder: Path) -> None:
        with pytest.raises(ConfigurationError, match=r"gone.yml:1: cannot be read"):
            self.ours(folder, "alerting: {alertmanager: gone.yml}")


class TestCheck:
    """`backoffice config check --alertmanager`."""

    @staticmethod
    def check(folder: Path, text: str) -> Any:
        (folder / "alertmanager.yml").write_text(text)
        return CliRunner().invoke(app, ["config", "check", "--alertmanager", str(folder / "alertmanager.yml")])

    def test_a_good_file(self, folder: Path) -> None:
        done = self.check(folder, "route: {receiver: a}\nreceivers: [{name: a}]\ninhibit_rules: [{}, {}]")
        assert done.exit_code == 0, done.output
        assert "no problems. Route tree, 2 inhibit rules, 1 receiver, 0 intervals." in " ".join(done.stdout.split())

    def test_a_bad_file(self, folder: Path) -> None:
        done = self.check(folder, "route: {receiver: a}\n")
        assert done.exit_code == 1
        assert done.stderr.splitlines()[-1] == "1 problem."
