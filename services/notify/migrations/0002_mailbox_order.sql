-- The order of arrival, by which the mailbox forgets its oldest messages.
ALTER TABLE mailbox ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
