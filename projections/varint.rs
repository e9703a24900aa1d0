//! Encodes numbers and names in few bytes, for read models that store lists in one row.
//!
//! **Invariant:** the same values always give the same bytes. Bytes that cannot be decoded give an
//! error, which shows that the file is damaged.

use rusqlite::{Error, types::Type};
use uuid::Uuid;

/// Length in bytes at which a list in a row is full; it then continues in another row. Each added
/// entry writes the whole row, so this limits the cost of an entry.
pub(crate) const LIST_BYTES: usize = 512;
/// Number of bits of the number in each byte.
const BITS: u32 = 7;
/// The highest bit of a byte; it is set if more bytes follow.
const MORE: u8 = 1 << BITS;
/// The suffix that most clients append to a UUID to name a resource.
const SUFFIX: &str = ".ics";
/// The first byte of the encoded form of a name that is kept as text.
const TEXT: u8 = 0;
/// The first byte of the encoded form of a hyphenated UUID in lower case.
const UUID: u8 = 1;
/// The first byte of the encoded form of a hyphenated UUID in upper case.
const UPPER_UUID: u8 = 2;
/// The first byte of the encoded form of a hyphenated UUID in lower case with [`SUFFIX`].
const UUID_ICS: u8 = 3;
/// The first byte of the encoded form of a hyphenated UUID in upper case with [`SUFFIX`].
const UPPER_UUID_ICS: u8 = 4;

/// Appends a number. Numbers below 128 need one byte.
pub(crate) fn push(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= BITS;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | MORE);
    }
}

/// Appends a number that may be negative. Numbers from -64 to 63 need one byte.
pub(crate) fn push_signed(bytes: &mut Vec<u8>, number: i64) {
    push(bytes, (number.wrapping_shl(1) ^ (number >> 63)).cast_unsigned());
}

/// Reads a number and removes it from the front of the bytes.
pub(crate) fn take(bytes: &mut &[u8]) -> rusqlite::Result<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(BITS as usize) {
        let Some((first, rest)) = bytes.split_first() else { return Err(damaged("a stored number is cut off")) };
        *bytes = rest;
        number |= u64::from(first & !MORE) << shift;
        if first & MORE == 0 {
            return Ok(number);
        }
    }
    Err(damaged("a stored number has too many bytes"))
}

/// Reads a number that may be negative, and removes it from the front of the bytes.
pub(crate) fn take_signed(bytes: &mut &[u8]) -> rusqlite::Result<i64> {
    let number = take(bytes)?;
    Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

/// Reads a list of numbers, each written as its difference from the one before it.
pub(crate) fn ascending(mut bytes: &[u8]) -> rusqlite::Result<Vec<u64>> {
    let (mut numbers, mut last) = (vec![], 0_u64);
    while !bytes.is_empty() {
        last = last.wrapping_add(take(&mut bytes)?);
        numbers.push(last);
    }
    Ok(numbers)
}

/// Writes a list of ascending numbers, each as its difference from the one before it.
pub(crate) fn distances(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let (mut bytes, mut last) = (vec![], 0_u64);
    for number in numbers {
        push(&mut bytes, number.wrapping_sub(last));
        last = number;
    }
    bytes
}

/// Encodes a UID or the name of a resource. A UUID in the usual form, in one case and with or
/// without `.ics`, needs 17 bytes.
pub(crate) fn packed(name: &str) -> Vec<u8> {
    let (stem, is_ics) = name.strip_suffix(SUFFIX).map_or((name, false), |stem| (stem, true));
    let spelled = Uuid::try_parse(stem).ok().and_then(|id| {
        let kind = match (is_spelled(id, stem, false), is_spelled(id, stem, true)) {
            (true, _) => UUID,
            (_, true) => UPPER_UUID,
            _ => return None,
        };
        Some((if is_ics { kind + UUID_ICS - UUID } else { kind }, id))
    });
    match spelled {
        Some((kind, id)) => [&[kind], &id.as_bytes()[..]].concat(),
        None => [&[TEXT], name.as_bytes()].concat(),
    }
}

/// Decodes a UID or name that [`packed`] has encoded.
pub(crate) fn unpacked(bytes: &[u8]) -> rusqlite::Result<String> {
    let Some((kind, rest)) = bytes.split_first() else { return Err(damaged("a stored name is empty")) };
    if *kind == TEXT {
        return String::from_utf8(rest.to_vec()).map_err(|_| damaged("a stored name is not UTF-8"));
    }
    let id = Uuid::from_slice(rest).map_err(|_| damaged("a stored name does not have the length of a UUID"))?;
    let (lower, upper) = (id.hyphenated().to_string(), id.hyphenated().to_string().to_uppercase());
    match *kind {
        UUID => Ok(lower),
        UPPER_UUID => Ok(upper),
        UUID_ICS => Ok(lower + SUFFIX),
        UPPER_UUID_ICS => Ok(upper + SUFFIX),
        _ => Err(damaged("a stored name has an unknown format")),
    }
}

fn is_spelled(id: Uuid, stem: &str, is_upper: bool) -> bool {
    let mut buffer = Uuid::encode_buffer();
    let id = id.hyphenated();
    let spelled = if is_upper { id.encode_upper(&mut buffer) } else { id.encode_lower(&mut buffer) };
    spelled == stem
}

/// Returns the error for bytes that cannot be decoded.
pub(crate) fn damaged(why: &'static str) -> Error {
    Error::FromSqlConversionFailure(0, Type::Blob, why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_pushed() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = vec![];
            push(&mut bytes, number);
            assert_eq!(take(&mut bytes.as_slice()).unwrap(), number);
        }
        for number in [0, -1, 63, -64, 64, i64::MIN, i64::MAX] {
            let mut bytes = vec![];
            push_signed(&mut bytes, number);
            assert_eq!(take_signed(&mut bytes.as_slice()).unwrap(), number);
        }
        assert_eq!(ascending(&distances([3, 4, 900])).unwrap(), [3, 4, 900]);
    }

    #[test]
    fn bytes_of_another_form_are_an_error() {
        for bytes in [&[][..], &[0x80], &[0xff; 11]] {
            take(&mut &*bytes).unwrap_err();
        }
        for bytes in [&[][..], &[0, 0xff], &[1, 2, 3], &[9; 17]] {
            unpacked(bytes).unwrap_err();
        }
    }

    #[test]
    fn names_come_back_as_they_were_and_uuids_are_short() {
        let rows = [
            ("5c9ae7a4-0d7b-4c7f-8a13-3f3c2f1d6a10", 17),
            ("5C9AE7A4-0D7B-4C7F-8A13-3F3C2F1D6A10", 17),
            ("5c9ae7a4-0d7b-4c7f-8a13-3f3c2f1d6a10.ics", 17),
            ("5C9AE7A4-0D7B-4C7F-8A13-3F3C2F1D6A10.ics", 17),
            ("5c9AE7A4-0D7B-4C7F-8A13-3F3C2F1D6A10", 37),
            ("5c9ae7a40d7b4c7f8a133f3c2f1d6a10.ics", 37),
            ("{5c9ae7a4-0d7b-4c7f-8a13-3f3c2f1d6a10}", 39),
            ("lunch.ics", 10),
            (".ics", 5),
            ("", 1),
        ];
        for (name, length) in rows {
            let bytes = packed(name);
            assert_eq!((unpacked(&bytes).unwrap().as_str(), bytes.len()), (name, length));
        }
    }
}
