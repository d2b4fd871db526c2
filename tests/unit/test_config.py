"""The configuration file: what is right works, what is wrong is said with its line."""

import json
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from pydantic import Field
from typer.testing import CliRunner, Result

from backoffice.cli import app, options
from backoffice.config import Configuration, ConfigurationError, load, load_or_defaults, whereabouts
from backoffice.config.secrets import missing_secrets
from backoffice.config.show import effective
from backoffice.registry import labels, processors, streams
from backoffice.spaces import as_told
from processors.alerting.settings import AlertingSettings
from processors.calendar import CalendarSettings
from schemas.settings import Settings


def registry() -> dict[str, type[Settings]]:
    """The settings of the departments that are installed."""
    return {processor.name: processor.settings for processor in processors() if processor.name != "alerting"}


class AccountingSettings(Settings):
    """A department's settings, as this test wants them."""

    duplicate_window_days: int = Field(default=7, ge=1)
    """Days."""


REGISTRY = {"accounting": AccountingSettings, "it": Settings}
DEFAULTS = {"accounting": AccountingSettings(), "it": Settings(), "alerting": AlertingSettings()}
# Apprise loads all its plugins when it is first used, and one of them is behind the times.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

EXAMPLE = Path("infra/backoffice.example.yaml")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.yaml"


def read(file: Path, text: str) -> Configuration:
    file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return load(file, REGISTRY)


def problems(file: Path, text: str) -> list[str]:
    """What is said of a file, without its path."""
    with pytest.raises(ConfigurationError) as caught:
        read(file, text)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines)
    return [line.removeprefix(f"{file}:") for line in lines]


def test_no_file_is_a_useful_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load_or_defaults(None, REGISTRY)
    assert found.space == "backoffice"
    assert found.settings() == DEFAULTS
    assert {type(channel).__name__ for channels in found.channels().values() for channel in channels} == {
        "TerminalChannel"
    }


def test_the_file_in_the_working_folder_is_taken_by_itself(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    file.write_text("space: mine\n")
    assert load_or_defaults(None, REGISTRY).space == "mine"


@pytest.mark.parametrize("text", ["", "# nothing\n", "rules:\nalerting:\n"])
def test_an_empty_file_or_section_says_nothing(file: Path, text: str) -> None:
    assert read(file, text).settings() == DEFAULTS


def test_every_department_is_told_its_settings_so_that_a_section_that_is_gone_resets_them(file: Path) -> None:
    found = read(
        file,
        """
        rules:
          accounting:
            duplicate_window_days: 14
        """,
    )
    assert found.settings()["accounting"] == AccountingSettings(duplicate_window_days=14)
    assert found.settings()["it"].model_fields_set == set(), "a department that is not mentioned has its defaults"
    assert read(file, "space: mine\n").settings()["accounting"].model_fields_set == set()


def test_the_alerting_part_becomes_settings_without_channels(file: Path) -> None:
    found = read(
        file,
        """
        alerting:
          route: {receiver: clerk, escalation: up}
          receivers:
            - name: clerk
              channels: [{type: webhook, url: "https://chat.example/hook?password=p4ss", secret: s3cret}]
            - name: boss
          escalation_policies:
            - name: up
              steps: [{targets: [boss], delay_minutes: 15}]
        """,
    )
    travels = found.alerting.settings().model_dump_json(exclude_unset=True)
    assert AlertingSettings.model_validate_json(travels) == found.settings()["alerting"]
    assert "p4ss" not in travels
    assert "s3cret" not in travels


def test_without_a_route_receivers_are_laid_over_the_built_in_ones(file: Path) -> None:
    found = read(
        file,
        """
        alerting:
          receivers:
            - name: accounting-clerk
              channels: [{type: webhook, url: "https://chat.example/hook"}]
        """,
    )
    assert [channel.type for channel in found.channels()["accounting-clerk"]] == ["webhook"]
    assert [channel.type for channel in found.channels()["hr-clerk"]] == ["terminal"]


def test_with_a_route_only_the_receivers_given_exist(file: Path) -> None:
    found = read(file, "alerting: {route: {receiver: clerk}, receivers: [{name: clerk}]}")
    assert list(found.channels()) == ["clerk"]
    assert found.alerting.settings().escalation_policies == ()


def test_every_problem_is_listed_with_its_line_and_what_to_do(file: Path) -> None:
    said = problems(
        file,
        """
        space: Back Office
        rules:
          acounting:
            duplicate_window_days: 14
          accounting:
            duplicate_window_days: 0
            duplicate_windw_days: 14
        alerting:
          route:
            reciever: clerk
            matchers: [nonsense]
        """,
    )
    assert said == [
        "1: space: string should match pattern '^[a-z][a-z0-9-]{0,62}$' (not 'Back Office')",
        "3: rules.acounting: there is no such department (did you mean 'accounting'?)",
        "6: rules.accounting.duplicate_window_days: input should be greater than or equal to 1 (not 0)",
        "7: rules.accounting.duplicate_windw_days: unknown key (did you mean 'duplicate_window_days'?)",
        "10: alerting.route.reciever: unknown key (did you mean 'receiver'?)",
        "11: alerting.route.matchers[0]: 'nonsense' is not a matcher; write <label><operator>\"<value>\" "
        'with = != =~ or !~, as in severity="critical"',
    ]


def test_names_that_do_not_exist_are_found_wherever_they_are_named(file: Path) -> None:
    said = problems(
        file,
        """
        alerting:
          route:
            receiver: clerk
            routes:
              - receiver: clark
                escalation: upp
          receivers:
            - name: clerk
              escalation: down
          escalation_policies:
            - name: up
              steps:
                - targets:
                    - clerk
                    - boss
                  delay_minutes: 15
        """,
    )
    assert [line.split(" (")[0] for line in said] == [
        "5: alerting.route.routes[0].receiver: there is no receiver 'clark'",
        "6: alerting.route.routes[0].escalation: there is no escalation policy 'upp'",
        "9: alerting.receivers[0].escalation: there is no escalation policy 'down'",
        "15: alerting.escalation_policies[0].steps[0].targets[1]: there is no receiver 'boss'",
    ]
    assert "did you mean 'clerk'? or add it under receivers" in said[0]


def test_names_given_twice_are_found_at_the_second(file: Path) -> None:
    said = problems(
        file,
        """
        alerting:
          receivers:
            - name: clerk
            - name: clerk
          escalation_policies:
            - {name: up, steps: [{targets: [clerk], delay_minutes: 1}]}
            - {name: up, steps: [{targets: [clerk], delay_minutes: 1}]}
        """,
    )
    assert [line.split(" (")[0] for line in said] == [
        "4: alerting.receivers[1].name: a second receiver named 'clerk'",
        "7: alerting.escalation_policies[1].name: a second policy named 'up'",
    ]


@pytest.mark.parametrize(
    ("alerting", "said"),
    [
        ("{route: {}}", "1: alerting.route: has no receiver"),
        ("{route: {receiver: a, matchers: ['b=\"c\"']}, receivers: [{name: a}]}", "1: alerting.route.matchers: the"),
        ("{route: {receiver: a, continue: true}, receivers: [{name: a}]}", "1: alerting.route.continue: the root"),
        ("{route: {receiver: a, matchers: ['b=~\"(\"']}}", "1: alerting.route.matchers[0]: the regular expression '('"),
        ("{escalation_policies: [{name: up, steps: []}]}", "1: alerting.escalation_policies[0].steps: tuple should"),
        ("{escalation_policies: [{name: up}]}", "1: alerting.escalation_policies[0].steps: is missing (add it)"),
        ("{receivers: [{name: a, channels: []}]}", "1: alerting.receivers[0].channels: tuple should have"),
        ('{receivers: [{name: "a\\tb"}]}', "1: alerting.receivers[0].name: string should match"),
        ("{receivers: [{name: a, channels: [{type: pigeon}]}]}", "1: alerting.receivers[0].channels[0]: type must be"),
        ("{receivers: [{name: a, channels: [{type: webhook}]}]}", "1: alerting.receivers[0].channels[0]: give either"),
        (
            "{receivers: [{name: a, channels: [{type: webhook, url: chat.example}]}]}",
            "1: alerting.receivers[0].channels[0].url: not an address",
        ),
        (
            "{receivers: [{name: a, channels: [{type: webhook, ulr: 'http://x'}]}]}",
            "1: alerting.receivers[0].channels[0].ulr: unknown key (did you mean 'url'?)",
        ),
        (
            "{receivers: [{name: a, channels: [{type: apprise, url: 'pigeon://x'}]}]}",
            "1: alerting.receivers[0].channels[0].url: not an address that Apprise knows",
        ),
        ("[1]", "1: alerting: input should be a valid dictionary"),
    ],
)
def test_each_mistake_has_its_own_words(file: Path, alerting: str, said: str) -> None:
    assert problems(file, f"alerting: {alerting}\n")[0].startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("space: a\nalerting: [\n", "3: is not valid YAML: "),
        ("space: a\nspace: b\n", '2: is not valid YAML: found duplicate key "space"'),
        ("space: a\n\tb: c\n", "2: is not valid YAML: "),
        ("just words\n", "1: must be a mapping"),
        ("rules: [accounting]\n", "1: rules: must be a mapping"),
        ("rules:\n  alerting: {}\n", "2: rules.alerting: there is no such department (write it under alerting:)"),
        ("pace: x\n", "1: pace: unknown key (did you mean 'space'?)"),
    ],
)
def test_what_is_not_yaml_or_not_ours_is_said_with_its_line(file: Path, text: str, said: str) -> None:
    assert problems(file, text)[0].startswith(said)


def test_a_file_that_is_not_there_or_not_text_is_said_so(file: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"backoffice.yaml:1: cannot be read: No such file"):
        load(file, REGISTRY)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="is not UTF-8 text"):
        load(file, REGISTRY)


def test_what_a_channel_may_not_show_is_never_in_an_error(file: Path) -> None:
    said = problems(
        file,
        """
        alerting:
          receivers:
            - name: a
              channels:
                - {type: webhook, url: "ftp://user:p4ss@x"}
                - {type: apprise, url: "pigeon://user:p4ss@x"}
        """,
    )
    assert "p4ss" not in "".join(said)


def test_the_effective_configuration_has_defaults_and_no_secrets(file: Path) -> None:
    found = read(
        file,
        """
        alerting:
          receivers:
            - name: accounting-clerk
              channels:
                - {type: webhook, url: "https://chat.example/hook?p4ss", secret: "${HOOK_SECRET}"}
                - {type: apprise, urls: ["mailto://user:p4ss@example.com", "${CHAT}"]}
        """,
    )
    shown = effective(found, REGISTRY)
    assert "p4ss" not in shown
    assert "${HOOK_SECRET}" in shown
    assert "duplicate_window_days: 7" in shown
    assert "hr-clerk" in shown
    file.write_text(shown.replace("(hidden)", "${X}"))
    again = load(file, REGISTRY)
    assert again.alerting.settings() == AlertingSettings.model_validate(found.alerting.settings().model_dump())


def test_the_example_file_has_no_problems_with_the_departments_there_are() -> None:
    found = load(EXAMPLE, registry())
    assert set(found.channels()) >= {"accounting-clerk", "it-on-call", "executive"}
    assert {name for name, values in found.rules.items() if values.model_fields_set - {"calendar"}} == {
        "accounting",
        "finance",
        "health",
        "hr",
        "it",
        "management",
        "manufacturing",
    }


def test_what_is_shown_can_be_read_again_and_means_the_same(file: Path) -> None:
    given = load(EXAMPLE, registry())
    file.write_text(effective(given, registry()).replace("(hidden)", "https://hidden.example"))
    again = load(file, registry())
    assert again.alerting.settings().model_dump() == given.alerting.settings().model_dump()
    assert {name: again.rules[name] for name in given.rules} == given.rules


def test_missing_secrets_are_said_by_receiver_and_channel() -> None:
    notes = missing_secrets(load(EXAMPLE, registry()), {"AUDIT_WEBHOOK_SECRET": "x"})
    mail = "receiver accounting-manager, apprise: the environment variable ACCOUNTING_MANAGER_MAIL is not set"
    assert any(note.startswith(mail) for note in notes)
    assert any("it-on-call.url: cannot be read" in note for note in notes)
    assert not any("audit" in note for note in notes)


def test_a_command_that_only_wants_to_know_where_does_not_mind_mistakes_elsewhere(file: Path) -> None:
    file.write_text("space: mine\nbroker: {bootstrap_servers: 'kafka-1:9092'}\nrules: {acounting: {}}\nalertin: {}\n")
    found = whereabouts({"BACKOFFICE_CONFIG": str(file)})
    assert (found.space, found.broker.bootstrap_servers, found.path) == ("mine", "kafka-1:9092", file)


def test_but_mistakes_in_what_it_needs_are_said_with_their_lines(file: Path) -> None:
    file.write_text("broker:\n  bootstrap_servers: nowhere\nspace: My Office\n")
    with pytest.raises(ConfigurationError) as caught:
        whereabouts({"BACKOFFICE_CONFIG": str(file)})
    assert [(p.line, p.where) for p in caught.value.problems] == [(2, "broker.bootstrap_servers"), (3, "space")]


@pytest.mark.parametrize("text", ["", "- a list\n", "space:\nbroker:\n"])
def test_a_file_that_does_not_say_where_leaves_it_as_built_in(
    file: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    file.write_text(text)
    found = whereabouts({})
    assert (found.space, found.broker.bootstrap_servers) == ("backoffice", None)


def test_a_file_that_is_named_and_not_there_is_an_error_wherever_one_stands(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        whereabouts({"BACKOFFICE_CONFIG": str(tmp_path / "gone.yaml")})


# Calendars


def calendar_of(found: Configuration, department: str) -> CalendarSettings:
    settings: Any = found.rules[department]
    calendar: CalendarSettings = settings.calendar
    return calendar


def read_all(file: Path, text: str) -> Configuration:
    """With the departments that are installed."""
    file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return load(file, registry(), labels(), streams())


def refused(file: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_all(file, text)
    return [line.removeprefix(f"{file}:") for line in str(caught.value).splitlines()]


def test_departments_work_when_the_organisation_does_unless_they_say_otherwise_field_by_field(file: Path) -> None:
    found = read_all(
        file,
        """
        calendar: {time_zone: Europe/Berlin, country: DE, region: BY, extra_holidays: [2026-12-24]}
        rules:
          it: {calendar: {opens: "06:00", closes: "22:00"}}
          hr: {calendar: {extra_holidays: [2026-12-31]}}
          front_office:
        """,
    )
    organisation = found.calendar
    assert calendar_of(found, "accounting") == calendar_of(found, "front_office") == organisation
    assert calendar_of(found, "it") == organisation.model_copy(update={"opens": "06:00", "closes": "22:00"})
    assert calendar_of(found, "hr").extra_holidays == (date(2026, 12, 31),)
    assert calendar_of(found, "hr").region == "BY"


def test_the_organisations_calendar_is_told_to_every_department_that_has_one(file: Path) -> None:
    told = read_all(file, "calendar: {time_zone: Europe/Berlin}\n").settings()
    with_calendars = {name for name, settings in told.items() if "calendar" in type(settings).model_fields}
    assert {"accounting", "hr", "it", "front_office", "correlation"} <= with_calendars
    for name in with_calendars:
        assert as_told(told[name]) == {"calendar": {"time_zone": "Europe/Berlin"}}
    assert as_told(told["health"]) == {}


def test_a_department_in_another_country_does_not_inherit_the_region(file: Path) -> None:
    found = read_all(file, "calendar: {country: DE, region: BY}\nrules: {hr: {calendar: {country: AT}}}\n")
    assert calendar_of(found, "hr") == CalendarSettings(country="AT")


def test_a_calendar_that_is_wrong_is_said_once_where_it_stands(file: Path) -> None:
    assert refused(file, "calendar:\n  time_zone: Berlin\nrules: {it: {calendar: {opens: '06:00'}}}\n") == [
        "2: calendar.time_zone: 'Berlin' is not an IANA time zone; write one like 'Europe/Berlin'"
    ]
    assert refused(file, "calendar: {closes: '12:00'}\nrules:\n  it:\n    calendar: {opens: '13:00'}\n") == [
        "4: rules.it.calendar: a day that opens at 13:00 cannot close at 12:00"
    ]


# Silences


def test_a_silence_of_what_nobody_declares_as_a_stream_is_refused_where_it_stands(file: Path) -> None:
    """It would never be told of, so the alert would never come."""
    said = refused(
        file,
        """
        rules:
          correlation:
            silences:
              - {event: accounting.invoice.received, by: "12:00"}
              - event: accounting.invoice.recieved
              - event: hr.employee.hired
            overrides:
              - matchers: ['service="scanner"']
                set:
                  silences:
                    - event: it.heartbeat.heard
        """,
    )
    assert said[0] == (
        "5: rules.correlation.silences[1].event: no department declares 'accounting.invoice.recieved' as a stream "
        "(did you mean 'accounting.invoice.received'?)"
    )
    assert [line.partition(": no department")[0] for line in said[1:]] == [
        "6: rules.correlation.silences[2].event",
        "11: rules.correlation.overrides[0].set.silences[0].event",
    ]


@pytest.mark.parametrize("stream", streams())
def test_a_silence_of_any_declared_stream_is_accepted(file: Path, stream: str) -> None:
    settings: Any = read_all(file, f"rules: {{correlation: {{silences: [{{event: {stream}}}]}}}}\n").rules[
        "correlation"
    ]
    assert settings.silence(stream).by == "12:00"


# Overrides


def test_overrides_hold_for_their_labels_and_travel(file: Path) -> None:
    found = read_all(
        file,
        """
        rules:
          accounting:
            overrides:
              - matchers: ['vendor_class="gold"']
                set: {payment_terms_days: 14, calendar: {extra_holidays: [2026-12-24]}}
        """,
    )
    accounting: Any = found.rules["accounting"]
    gold = accounting.holding_for({"vendor_class": "gold"})
    assert (gold.payment_terms_days, gold.calendar.extra_holidays) == (14, (date(2026, 12, 24),))
    again: Any = type(accounting).model_validate_json(json.dumps(as_told(accounting)))
    assert again.holding_for({"vendor_class": "gold"}) == gold


def test_every_mistake_in_an_override_is_said_with_its_line(file: Path) -> None:
    said = refused(
        file,
        """
        rules:
          accounting:
            overrides:
              - matchers: ['vendor_class="gold"']
                set:
                  payment_terms_day: 14
                  split_count: 1
              - matchers:
                  - 'vendor="acme"'
                set:
                  calendar: {opens: "18:00"}
        """,
    )
    assert said == [
        "6: rules.accounting.overrides[0].set.payment_terms_day: unknown key (did you mean 'payment_terms_days'?)",
        "7: rules.accounting.overrides[0].set.split_count: input should be greater than or equal to 2 (not 1)",
        "11: rules.accounting.overrides[1].set.calendar: a day that opens at 18:00 cannot close at 17:00",
    ]


def test_a_label_that_no_subject_of_the_department_has_is_a_mistake(file: Path) -> None:
    said = refused(
        file,
        """
        rules:
          hr:
            overrides:
              - matchers:
                  - 'site="munich"'
                  - 'rolle="clerk"'
                set: {position_open_days: 70}
        """,
    )
    assert said == ["6: rules.hr.overrides[0].matchers[1]: hr knows no label 'rolle' (did you mean 'role'?)"]


def test_what_is_shown_of_calendars_and_overrides_means_the_same_when_read_again(file: Path) -> None:
    first = read_all(
        file,
        """
        calendar: {time_zone: Europe/Berlin, country: DE, region: BY}
        rules:
          hr: {calendar: {country: AT}}
          accounting: {overrides: [{matchers: ['vendor="acme"'], set: {split_count: 4}}]}
        """,
    )
    again = read_all(file, effective(first, registry()))
    assert again.calendar == first.calendar
    assert again.rules == first.rules


class TestCommands:
    """`backoffice config`, as typed."""

    @staticmethod
    def config(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["config", *arguments])

    def test_check_of_a_good_file_says_so_and_mentions_the_secrets_it_lacks(self) -> None:
        done = self.config("check", str(EXAMPLE))
        assert done.exit_code == 0
        assert "no problems" in done.stdout
        assert "note: receiver audit, webhook: the environment variable AUDIT_WEBHOOK_SECRET is not set" in done.stderr

    def test_check_of_a_bad_file_lists_its_problems_and_fails(self, file: Path) -> None:
        file.write_text("space: a\nalertin: {}\nrules: {acounting: {}}\n")
        done = self.config("check", str(file))
        assert done.exit_code == 1
        assert done.stderr.splitlines() == [
            f"{file}:2: alertin: unknown key (did you mean 'alerting'?)",
            f"{file}:3: rules.acounting: there is no such department (did you mean 'accounting'?)",
            "2 problems.",
        ]

    def test_show_of_a_bad_file_cannot_do_its_work(self, file: Path) -> None:
        file.write_text("space: [\n")
        assert self.config("show", str(file)).exit_code == 2

    def test_without_a_file_all_is_as_built_in(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert "all is as built in" in self.config("check").stdout
        assert "accounting-clerk" in self.config("show").stdout


class TestRules:
    """`backoffice rules list` and `show`, under a configuration."""

    @pytest.fixture(autouse=True)
    def configured(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        text = """
            calendar: {time_zone: Europe/Berlin}
            rules:
              accounting:
                overdue_stages_days: [14, 28]
                overrides:
                  - matchers: ['vendor_class="gold"', 'country="DE"']
                    set: {payment_terms_days: 14}
                  - matchers: ['vendor="acme"']
                    set: {calendar: {opens: "06:00"}, split_count: 5}
            """
        file.write_text(dedent(text))
        monkeypatch.setenv("BACKOFFICE_CONFIG", str(file))
        monkeypatch.setattr(options.out, "_width", 300)

    @staticmethod
    def rules(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["rules", *arguments])

    def test_show_says_what_each_setting_comes_to_and_for_whom(self) -> None:
        done = self.rules("show", "accounting.invoice_overdue")
        assert done.exit_code == 0, done.output
        rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
        assert any(row.startswith("payment_terms_days everywhere else 30 When an invoice") for row in rows)
        assert 'payment_terms_days vendor_class="gold", country="DE" 14' in rows
        assert any(row.startswith("overdue_stages_days everywhere else 14, 28 ") for row in rows)
        assert 'calendar vendor="acme" time_zone: Europe/Berlin, opens: 06:00' in rows
        assert not any("split_count" in row for row in rows), "which this rule does not read"
        assert rows[0] == "accounting.invoice_overdue, version 1, warning"
        assert rows[-1].startswith("Settings of accounting may differ by audit, country, vendor, vendor_class.")

    def test_list_says_it_in_a_line(self) -> None:
        done = self.rules("list", "--department", "accounting")
        said = " ".join(done.stdout.split())
        assert done.exit_code == 0, done.output
        assert "accounting.payment_blocked_long warning" in said
        assert "payment_block_days=14;" in said

    def test_a_rule_that_there_is_not(self) -> None:
        done = self.rules("show", "accounting.invoice_overdo")
        assert done.exit_code == 2
        assert (
            "There is no rule 'accounting.invoice_overdo' (did you mean 'accounting.invoice_overdue'?)" in done.stderr
        )

    def test_a_mistake_in_the_file_is_said_before_anything_is_shown(self, file: Path) -> None:
        file.write_text("rules: {hr: {overrides: [{matchers: ['x=1'], set: {position_open_days: 1}}]}}\n")
        done = self.rules("show", "hr.position_open_long")
        assert (done.exit_code, done.stdout) == (2, "")
        assert "rules.hr.overrides[0].matchers[0]: hr knows no label 'x'" in done.stderr


def test_the_api_is_for_this_machine_unless_the_file_says_otherwise(file: Path) -> None:
    found = read(file, "space: mine\n").api
    assert (found.host, found.port, found.tokens) == ("127.0.0.1", 9093, ())


def test_what_is_wrong_with_the_api_is_said_by_line(file: Path) -> None:
    lines = problems(
        file,
        """
        api:
          port: 70000
          tokens:
            - {name: grafana, scopes: [read], sha256: 12ab}
            - name: amtool
              scopes: [write]
              sha256_file: amtool.sha256
            - {name: nobody, scopes: [read]}
            - {name: both, scopes: [read], sha256_file: x, sha256: """
        + "a" * 64
        + """}
        """,
    )
    text = "\n".join(lines)
    assert "api.port" in text
    assert "api.tokens[0].sha256" in text
    assert "api.tokens[1].scopes[0]" in text
    assert text.count("give one of sha256 and sha256_file") == 2


def test_what_is_wrong_with_the_console_is_said_by_line(file: Path) -> None:
    hash = "'$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA'"
    lines = problems(
        file,
        f"""
        console:
          url: http://desk.example.com
          users:
            - {{name: dana, role: operator, password: hunter2hunter2}}
            - {{name: kim, role: king, password_file: kim.argon2}}
            - {{name: "a b", role: viewer, password: {hash}}}
            - {{name: nobody, role: viewer}}
          openid: {{issuer: "https://login.example.com", client_id: desk}}
        """,
    )
    text = "\n".join(lines)
    assert "console.url" in text
    assert "only https is safe" in text
    assert "console.users[0]: password: an argon2id hash is wanted" in text
    assert "console.users[1].role" in text
    assert "console.users[2].name" in text
    assert "console.users[3]: give one of password and password_file" in text
    assert "console.openid: nobody could sign in" in text
    assert "hunter2" not in text


def test_users_of_the_console_have_names_of_their_own(file: Path) -> None:
    (line,) = problems(
        file,
        """
        console:
          users:
            - {name: dana, role: operator, password_file: a}
            - {name: dana, role: viewer, password_file: b}
        """,
    )
    assert "console.users[1].name: a second user named 'dana'" in line


def test_tokens_have_names_of_their_own(file: Path) -> None:
    (line,) = problems(
        file,
        f"""
        api:
          tokens:
            - {{name: grafana, scopes: [read], sha256: {"a" * 64}}}
            - {{name: grafana, scopes: [act], sha256: {"b" * 64}}}
        """,
    )
    assert "api.tokens[1].name: a second token named 'grafana'" in line
