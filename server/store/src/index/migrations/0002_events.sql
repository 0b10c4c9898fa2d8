-- Frames from before and after motion are stored too: they are no motion and count in no bar.
ALTER TABLE frame ADD COLUMN motion INTEGER NOT NULL DEFAULT 1;

-- 1 until the segment was thinned: after that it holds only frames that its events keep longest.
ALTER TABLE segment ADD COLUMN whole INTEGER NOT NULL DEFAULT 1;

-- Bars of a minute, an hour and a day (`width` in µs), each the sum of those below it.
CREATE TABLE wide_bar (
    camera INTEGER NOT NULL,
    width  INTEGER NOT NULL,
    start  INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    first  INTEGER NOT NULL,
    PRIMARY KEY (camera, width, start)
) STRICT, WITHOUT ROWID;

-- Events by camera and first frame of motion. `from_at` and `to_at` are its first and last frame of any kind, `region`
-- is a box as in `frame` or empty, `frames` its frames of motion ever and `held` those of them that are stored.
CREATE TABLE event (
    camera  INTEGER NOT NULL,
    start   INTEGER NOT NULL,
    end_at  INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at   INTEGER NOT NULL,
    peak    INTEGER NOT NULL,
    score   INTEGER NOT NULL,
    region  BLOB    NOT NULL,
    frames  INTEGER NOT NULL,
    held    INTEGER NOT NULL,
    pinned  INTEGER NOT NULL,
    label   TEXT    NOT NULL,
    zone    TEXT    NOT NULL,
    PRIMARY KEY (camera, start)
) STRICT, WITHOUT ROWID;
-- The list of events of all cameras, and those that nothing is left of, oldest first.
CREATE INDEX event_by_start ON event (start, camera);
CREATE INDEX event_record ON event (start, camera) WHERE held = 0 AND pinned = 0;

-- What is remembered of each UTC second with motion, whether its frames are stored still or not.
CREATE TABLE feature (
    camera  INTEGER NOT NULL,
    second  INTEGER NOT NULL,
    area    INTEGER NOT NULL,
    biggest INTEGER NOT NULL,
    light   INTEGER NOT NULL,
    map     BLOB    NOT NULL,
    PRIMARY KEY (camera, second)
) STRICT, WITHOUT ROWID;

-- Bytes recorded on each UTC day, for the forecast; they stay when the frames go.
CREATE TABLE recorded (
    camera INTEGER NOT NULL,
    day    INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    PRIMARY KEY (camera, day)
) STRICT, WITHOUT ROWID;

INSERT INTO wide_bar
    SELECT camera, 60000000, second - second % 60000000 AS start, sum(count), min(first) FROM bar GROUP BY camera, start;
INSERT INTO wide_bar
    SELECT camera, 3600000000, second - second % 3600000000 AS start, sum(count), min(first) FROM bar
    GROUP BY camera, start;
INSERT INTO wide_bar
    SELECT camera, 86400000000, second - second % 86400000000 AS start, sum(count), min(first) FROM bar
    GROUP BY camera, start;
INSERT INTO recorded SELECT camera, at - at % 86400000000 AS day, sum(size) FROM frame GROUP BY camera, day;
