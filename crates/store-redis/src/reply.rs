//! Reads the answers of the engine.

use crate::error::Error;
use redis::Value;

/// The elements of an array.
pub(crate) fn array(value: Value, expected: &'static str) -> Result<Vec<Value>, Error> {
    match value {
        Value::Array(values) => Ok(values),
        _ => Err(Error::Answer { expected }),
    }
}

/// The bytes of a string, or nothing.
pub(crate) fn bytes(value: Value, expected: &'static str) -> Result<Option<Vec<u8>>, Error> {
    match value {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => Ok(Some(bytes)),
        Value::SimpleString(text) => Ok(Some(text.into_bytes())),
        Value::Okay => Ok(Some(b"OK".to_vec())),
        _ => Err(Error::Answer { expected }),
    }
}

/// An integer.
pub(crate) fn int(value: &Value, expected: &'static str) -> Result<i64, Error> {
    match value {
        Value::Int(int) => Ok(*int),
        _ => Err(Error::Answer { expected }),
    }
}
