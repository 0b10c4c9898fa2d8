-- Segments by camera and start (µs). Size and frame count are right once `sealed` is 1; before, the file says.
CREATE TABLE segment (
    camera INTEGER NOT NULL,
    start  INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    PRIMARY KEY (camera, start)
) STRICT, WITHOUT ROWID;

-- Frames by camera and capture time (µs). `segment` is the start of the segment that holds the bytes, `offset` and
-- `size` their place in it with the record inside, `bytes` the size of the JPEG alone. `boxes` is five u16 each,
-- little endian. `seq` is an unsigned number in a signed column, bit for bit.
CREATE TABLE frame (
    camera  INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    offset  INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    width   INTEGER NOT NULL,
    height  INTEGER NOT NULL,
    score   INTEGER NOT NULL,
    boxes   BLOB    NOT NULL,
    PRIMARY KEY (camera, at)
) STRICT, WITHOUT ROWID;

-- Frames per UTC second: its start (µs), their count and the time of the first.
CREATE TABLE bar (
    camera INTEGER NOT NULL,
    second INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    first  INTEGER NOT NULL,
    PRIMARY KEY (camera, second)
) STRICT, WITHOUT ROWID;
