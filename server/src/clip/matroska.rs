//! Motion JPEG with a time for each picture, as Matroska (RFC 9559, elements as in RFC 8794): the one plain container that
//! says when each picture was taken, can be written from the front to the end, and is read by ffmpeg and every player.

/// Elements' numbers, with the bits that say how long they are.
mod id {
    pub(super) const EBML: u32 = 0x1A45_DFA3;
    pub(super) const DOC_TYPE: u32 = 0x4282;
    pub(super) const DOC_TYPE_VERSION: u32 = 0x4287;
    pub(super) const DOC_TYPE_READ_VERSION: u32 = 0x4285;
    pub(super) const SEGMENT: u32 = 0x1853_8067;
    pub(super) const INFO: u32 = 0x1549_A966;
    pub(super) const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
    pub(super) const MUXING_APP: u32 = 0x4D80;
    pub(super) const WRITING_APP: u32 = 0x5741;
    pub(super) const TRACKS: u32 = 0x1654_AE6B;
    pub(super) const TRACK_ENTRY: u32 = 0xAE;
    pub(super) const TRACK_NUMBER: u32 = 0xD7;
    pub(super) const TRACK_UID: u32 = 0x73C5;
    pub(super) const TRACK_TYPE: u32 = 0x83;
    pub(super) const FLAG_LACING: u32 = 0x9C;
    pub(super) const CODEC_ID: u32 = 0x86;
    pub(super) const VIDEO: u32 = 0xE0;
    pub(super) const PIXEL_WIDTH: u32 = 0xB0;
    pub(super) const PIXEL_HEIGHT: u32 = 0xBA;
    pub(super) const CLUSTER: u32 = 0x1F43_B675;
    pub(super) const TIMESTAMP: u32 = 0xE7;
    pub(super) const SIMPLE_BLOCK: u8 = 0xA3;
}

/// What says that an element goes on to the end of the file.
const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
/// Nanoseconds of a tick: times are whole microseconds.
const TICK_NS: u64 = 1_000;

/// The head of a file of pictures of this size.
pub fn head(width: u16, height: u16) -> Vec<u8> {
    let ebml = [text(id::DOC_TYPE, "matroska"), number(id::DOC_TYPE_VERSION, 4), number(id::DOC_TYPE_READ_VERSION, 2)]
        .concat();
    let info = [
        number(id::TIMESTAMP_SCALE, TICK_NS),
        text(id::MUXING_APP, "rtm2"),
        text(id::WRITING_APP, concat!("rtm2 ", env!("CARGO_PKG_VERSION"))),
    ]
    .concat();
    let video = [number(id::PIXEL_WIDTH, width.into()), number(id::PIXEL_HEIGHT, height.into())].concat();
    let track = [
        number(id::TRACK_NUMBER, 1),
        number(id::TRACK_UID, 1),
        number(id::TRACK_TYPE, 1),
        number(id::FLAG_LACING, 0),
        text(id::CODEC_ID, "V_MJPEG"),
        element(id::VIDEO, &video),
    ]
    .concat();
    [
        element(id::EBML, &ebml),
        id::SEGMENT.to_be_bytes().to_vec(),
        UNKNOWN_SIZE.to_vec(),
        element(id::INFO, &info),
        element(id::TRACKS, &element(id::TRACK_ENTRY, &track)),
    ]
    .concat()
}

/// A picture shown at `at_us` from the beginning. Each is a cluster of its own, as times within one reach only 32 ms.
pub fn picture(at_us: u64, jpeg: &[u8]) -> Vec<u8> {
    // Track 1, no time beside the cluster's, a picture that needs no other.
    const BLOCK_HEAD: [u8; 4] = [0x81, 0, 0, 0x80];
    let time = number(id::TIMESTAMP, at_us);
    let block_size = BLOCK_HEAD.len() + jpeg.len();
    let inside = time.len() + 1 + size(0).len() + block_size;
    let (cluster, block) = (id::CLUSTER.to_be_bytes(), [id::SIMPLE_BLOCK]);
    [&cluster[..], &size(inside), &time, &block, &size(block_size), &BLOCK_HEAD, jpeg].concat()
}

fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let id: Vec<u8> = id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    [&id[..], &size(body.len()), body].concat()
}

fn number(id: u32, value: u64) -> Vec<u8> {
    element(id, &value.to_be_bytes())
}

fn text(id: u32, value: &str) -> Vec<u8> {
    element(id, value.as_bytes())
}

/// A length in eight bytes, of which the first says that there are eight.
fn size(bytes: usize) -> [u8; 8] {
    let mut size = (bytes as u64).to_be_bytes();
    size[0] = 0x01;
    size
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes an element apart: its number, its body, and what is behind it.
    fn take(bytes: &[u8]) -> (u32, &[u8], &[u8]) {
        let id_len = bytes[0].leading_zeros() as usize + 1;
        let id = bytes[..id_len].iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let size_bytes: [u8; 8] = bytes[id_len..id_len + 8].try_into().unwrap();
        let body = &bytes[id_len + 8..];
        if size_bytes == UNKNOWN_SIZE {
            return (id, body, &[]);
        }
        assert_eq!(size_bytes[0], 1);
        let size = (u64::from_be_bytes(size_bytes) & 0x00FF_FFFF_FFFF_FFFF) as usize;
        let (body, rest) = body.split_at(size);
        (id, body, rest)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let file = [head(640, 480), picture(0, b"one"), picture(66_667, b"other")].concat();
        let (id, _, rest) = take(&file);
        assert_eq!(id, id::EBML);
        let (id, mut body, rest) = take(rest);
        assert_eq!((id, rest.len()), (id::SEGMENT, 0));
        let mut ids = Vec::new();
        let mut pictures = Vec::new();
        while !body.is_empty() {
            let (id, inside, rest) = take(body);
            ids.push(id);
            body = rest;
            if id == id::CLUSTER {
                let (_, time, block) = take(inside);
                let (_, block, _) = take(block);
                pictures.push((u64::from_be_bytes(time.try_into().unwrap()), block[4..].to_vec()));
            }
        }
        assert_eq!(ids, [id::INFO, id::TRACKS, id::CLUSTER, id::CLUSTER]);
        assert_eq!(pictures, [(0, b"one".to_vec()), (66_667, b"other".to_vec())]);
    }
}
