//! Keys and passphrases in files that are their owner's alone.

use crate::data_key::{Secret, empty, secret};
use crate::error::Error;
use data_encoding::{
    BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, Encoding, HEXLOWER_PERMISSIVE,
};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// The largest number of bytes of such a file.
const MAX_LEN: usize = 4096;

pub(crate) fn key(path: &Path) -> Result<Secret, Error> {
    let bytes = read(path)?;
    if let Ok(key) = <&[u8; 32]>::try_from(bytes.as_slice()) {
        return Ok(secret(key));
    }
    let text = bytes.trim_ascii_end();
    let encodings: [Encoding; 5] = [
        HEXLOWER_PERMISSIVE,
        BASE64,
        BASE64_NOPAD,
        BASE64URL,
        BASE64URL_NOPAD,
    ];
    for encoding in encodings {
        // one byte more than a key: base64 is measured before its padding is seen
        let mut key = Zeroizing::new([0; 33]);
        let fits = encoding.decode_len(text.len()).ok();
        let Some(room) = fits.and_then(|len| key.get_mut(..len)) else {
            continue;
        };
        if encoding.decode_mut(text, room) == Ok(32)
            && let Some(decoded) = key.first_chunk::<32>()
        {
            let mut key = empty();
            key.copy_from_slice(decoded);
            return Ok(key);
        }
    }
    Err(Error::File {
        path: path.to_owned(),
        problem: "does not hold a key: 32 bytes, or 32 bytes in hex or base64".to_owned(),
    })
}

pub(crate) fn passphrase(path: &Path) -> Result<Zeroizing<String>, Error> {
    let bytes = read(path)?;
    let text = str::from_utf8(&bytes).map_err(|_| Error::File {
        path: path.to_owned(),
        problem: "does not hold a passphrase: it is not valid UTF-8".to_owned(),
    })?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Zeroizing::new(text.to_owned()))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    let wrong = |problem: String| Error::File {
        path: path.to_owned(),
        problem,
    };
    let mut file = File::open(path).map_err(failed)?;
    if let Some(problem) = open_to_others(&file.metadata().map_err(failed)?) {
        return Err(wrong(problem));
    }
    // room for one byte more, so that the buffer is never moved: what it held stays wiped
    let mut bytes = Zeroizing::new(vec![0; MAX_LEN + 1]);
    let mut len = 0;
    while let Some(room) = bytes.get_mut(len..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(more) => len += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
    if len > MAX_LEN {
        return Err(wrong(format!("is longer than {MAX_LEN} bytes")));
    }
    bytes.truncate(len);
    Ok(bytes)
}

/// What is wrong with the permissions of the file.
#[cfg(unix)]
fn open_to_others(metadata: &std::fs::Metadata) -> Option<String> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let kind = metadata.file_type();
    // what a shell hands over by `<(…)`, or a terminal types, belongs to nobody else
    if kind.is_fifo() || kind.is_char_device() {
        return None;
    }
    if !kind.is_file() {
        return Some("is not a file".to_owned());
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Some(format!(
            "can be used by others than its owner (mode {mode:04o}): take their rights away, by \
             chmod 600 for example"
        ));
    }
    let owner = metadata.uid();
    let is_ours = owner == 0 || owner == rustix::process::geteuid().as_raw();
    (!is_ours).then(|| "belongs to another user".to_owned())
}

#[cfg(not(unix))]
fn open_to_others(metadata: &std::fs::Metadata) -> Option<String> {
    metadata.is_dir().then(|| "is not a file".to_owned())
}
