"""What a service reads from its environment."""

import pytest
from pydantic import ValidationError

from shared.runtime.bus import aiokafka_security, librdkafka_security, security
from shared.runtime.settings import Settings

URL = "postgresql://serap_intake@127.0.0.1:5432/serap_intake"


def test_settings_are_the_environment_variables_of_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka-1:9092,kafka-2:9092")
    monkeypatch.setenv("KAFKA_IDEMPOTENCE", "false")
    monkeypatch.setenv("PORT", "8700")
    settings = Settings()
    assert settings.database_url == URL
    assert settings.kafka_bootstrap_servers == "kafka-1:9092,kafka-2:9092"
    assert settings.kafka_idempotence is False
    assert settings.port == 8700


def test_a_service_without_a_database_of_its_own_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ValidationError, match="database_url"):
        Settings()


def test_settings_do_not_change_while_a_service_runs() -> None:
    with pytest.raises(ValidationError):
        Settings(database_url=URL).port = 1  # type: ignore[misc]


def test_a_kafka_user_reaches_all_three_clients_and_without_one_none_asks_for_a_password() -> None:
    open_, closed = Settings(database_url=URL), Settings(database_url=URL, kafka_username="routing", kafka_password="secret")
    assert (security(open_), aiokafka_security(open_), librdkafka_security(open_)) == (None, {}, {})
    assert security(closed) is not None
    assert aiokafka_security(closed)["sasl_plain_username"] == "routing"
    assert librdkafka_security(closed)["sasl.username"] == "routing"
