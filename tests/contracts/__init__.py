"""The published language, held from both sides: golden events, schemas, papers."""
