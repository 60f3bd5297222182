-- What was erased is taken out by the consumer that also keeps the dashboards: every fact of a case
-- is sent once instead of twice. It goes back to where the other one was, if that had come less far;
-- what it has taken in already it knows by its version.
UPDATE checkpoint b
SET transaction = e.transaction, position = e.position, sequence = e.sequence,
    stream_created = e.stream_created
FROM checkpoint e
WHERE b.consumer = 'boards' AND e.consumer = 'erased'
    AND b.source = e.source AND b.partition = e.partition
    AND (e.transaction, e.position) < (b.transaction, b.position);
DELETE FROM checkpoint WHERE consumer = 'erased';
