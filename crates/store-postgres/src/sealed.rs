//! Sealed records, and the seal.

use crate::database::Values;
use crate::error::Error;
use crate::store::{Kept, PostgresStore, Secret, Written, unreadable};
use async_trait::async_trait;
use session_core::{
    ExpectedSlot, MAX_SEAL_LEN, SealError, SealableStore, SealedRecord, SealedSlot, SlotId,
    StoreError,
};
use tokio_postgres::Row;

#[async_trait]
impl SealableStore for PostgresStore {
    async fn load_sealed(&self, slot: &SlotId) -> Result<SealedSlot, StoreError> {
        Ok(match self.kept(slot).await? {
            Kept::Nothing => SealedSlot::Empty,
            Kept::Sealed(sealed) => SealedSlot::Sealed(sealed),
            Kept::Record(record) => SealedSlot::Unreadable {
                tag: record.tag(),
                source: SealError::NotSealed.into(),
            },
            Kept::Unreadable(tag, why) => SealedSlot::Unreadable {
                tag,
                source: unreadable(slot, why),
            },
        })
    }

    async fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError> {
        let written = Written {
            tag: record.tag(),
            content: Secret::of(record.as_bytes()),
            expires_at: record.expires_at(),
            is_sealed: true,
        };
        self.put(record.slot(), &written, expected).await
    }

    async fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.database().read(&self.statements().load_seal, &[]);
        let rows = rows.await;
        let seal = rows.and_then(|rows| {
            let seal = rows.first().map(|row| row.try_get::<_, Vec<u8>>(0));
            check(seal.transpose()?)
        });
        seal.map_err(|error| error.at("cannot load the seal"))
    }

    async fn replace_seal(&self, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        let action = || "cannot save the seal".to_owned();
        // what would not come back is not written in the first place
        check(Some(seal)).map_err(|error| error.at(action()))?;
        let values: Values<'_> = &[&seal, &expected];
        let read = |row: &Row| row.try_get::<_, bool>(1);
        let statement = &self.statements().replace_seal;
        self.change(statement, values, None, action, read).await
    }
}

fn check<T: AsRef<[u8]>>(seal: Option<T>) -> Result<Option<T>, Error> {
    match seal {
        Some(seal) if seal.as_ref().len() > MAX_SEAL_LEN => {
            let problem = format!("the seal is longer than {MAX_SEAL_LEN} bytes");
            Err(Error::answer(problem))
        }
        seal => Ok(seal),
    }
}
