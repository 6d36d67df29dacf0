"""Everything that touches the world: settings, logs, metrics, PostgreSQL, Kafka, HTTP. One mechanism each.

- `settings`  what a service reads from its environment
- `service`   joins the parts below into one running service
- `consumer`  batches in, exactly-once effect out: quarantine, bisecting, back-off with rewind
- `outbox`    what a transaction publishes, and the relay that sends it; refills a broker that lost its log
- `postgres`  pool, named queries, migrations
- `http`      the FastAPI application every service starts from: health, metrics, problem+json
- `metrics`   the catalogue of all metrics
- `logs`      structured JSON without persons
- `lost_connection`  lets aiokafka survive one on uvloop
"""
