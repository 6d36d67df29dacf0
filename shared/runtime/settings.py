"""What every service reads from its environment. A service adds its own in its `settings.py`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Names are the environment variables in lower case, e.g. `DATABASE_URL`."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str = Field(description="postgresql://user:password@host:port/database of this service alone")
    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    kafka_idempotence: bool = Field(True, description="off for the embedded broker, which has no idempotent producer")
    kafka_session_timeout_ms: int = Field(15_000, description="how long a consumer that was killed keeps its partitions")
    kafka_username: str = Field("", description="SCRAM-SHA-512 user; empty: no SASL")
    kafka_password: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: str = Field(
        "", description="addresses of the reverse proxies in front, comma-separated; only they may say whose request it is"
    )
    city: Path = Field(Path("cities/tangerang"), description="the city pack")
    log_level: str = "INFO"
    intake_url: str = Field("http://127.0.0.1:8700", description="where citizens find intake's pages")
    reporting_url: str = Field("http://127.0.0.1:8703", description="where everybody finds the map and the results")
    demo: bool = Field(False, description="pages say that this is a demonstration")
