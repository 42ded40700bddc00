//! Which sessions an issuer has.

use crate::database::{Postgres, Values, nanos, time};
use crate::error::Error;
use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use dag_jws::Cid;
use session_core::StoreError;
use session_core::server::{Device, Devices};
use std::sync::Arc;
use tokio_postgres::Row;

/// Devices that every process shares that uses the database.
#[derive(Clone, Debug)]
pub struct PostgresDevices {
    database: Postgres,
    add: Arc<str>,
    list: Arc<str>,
    remove: Arc<str>,
}

impl PostgresDevices {
    /// How many devices of one issuer are kept.
    pub const MAX_OF_ONE: usize = 64;
}

impl Postgres {
    /// The devices in this database.
    #[must_use]
    pub fn devices(&self) -> PostgresDevices {
        // who stays is ranked together with who comes; what has ended by $9 is not
        let add = format!(
            "stays AS (SELECT identity FROM (SELECT identity, expires_at, login \
             FROM {{schema}}.devices WHERE issuer = $2 AND identity <> $3 \
             AND (expires_at IS NULL OR expires_at >= $9::text::numeric) \
             UNION ALL SELECT $3::bytea, $7::text::numeric, NULL) AS known \
             ORDER BY expires_at DESC NULLS FIRST, login DESC NULLS FIRST LIMIT {}), \
             gone AS (DELETE FROM {{schema}}.devices WHERE (SELECT ok FROM asked) \
             AND issuer = $2 AND identity <> $3 AND identity NOT IN (SELECT identity FROM stays)), \
             done AS (INSERT INTO {{schema}}.devices (issuer, identity, domain, key, issued_at, \
             expires_at, seen_at, login) \
             SELECT $2, $3, $4, $5, $6::text::numeric, $7::text::numeric, $8::text::numeric, \
             nextval('{{schema}}.logins') WHERE (SELECT ok FROM asked) \
             AND $3 IN (SELECT identity FROM stays) \
             ON CONFLICT (issuer, identity) DO UPDATE SET seen_at = excluded.seen_at, \
             login = excluded.login)",
            PostgresDevices::MAX_OF_ONE
        );
        let list = "SELECT identity, key, issued_at::text, expires_at::text, seen_at::text \
             FROM {schema}.devices WHERE issuer = $1 AND domain = $2 \
             AND (expires_at IS NULL OR expires_at >= $3::text::numeric) ORDER BY login DESC";
        let remove = "done AS (DELETE FROM {schema}.devices \
             WHERE (SELECT ok FROM asked) AND issuer = $2 AND identity = $3)";
        PostgresDevices {
            add: self.change_sql(&add, "true"),
            list: self.sql(list),
            remove: self.change_sql(remove, "true"),
            database: self.clone(),
        }
    }
}

fn device(issuer: &Issuer, domain: &str, row: &Row) -> Result<Device, Error> {
    let identity: &[u8] = row.try_get(0)?;
    let identity = Cid::try_from(identity);
    let identity = identity.map_err(|_| Error::answer("an identity is not a valid CID"))?;
    let key: &str = row.try_get(1)?;
    let issued_at = time(row.try_get(2)?)?;
    let expires_at: Option<&str> = row.try_get(3)?;
    let expires_at = expires_at.map(time).transpose()?;
    let seen_at = time(row.try_get(4)?)?;
    Ok(Device::new(
        issuer, domain, identity, key, issued_at, expires_at, seen_at,
    ))
}

#[async_trait]
impl Devices for PostgresDevices {
    async fn add(&self, device: &Device, now: UnixTime) -> Result<(), StoreError> {
        let (issuer, identity) = (device.issuer().did(), device.identity().to_bytes());
        let (domain, key) = (device.domain(), device.key());
        let (issued_at, seen_at) = (nanos(device.issued_at()), nanos(device.seen_at()));
        let expires_at = device.expires_at().map(nanos);
        let now = nanos(now);
        let values: Values<'_> = &[
            &issuer,
            &identity,
            &domain,
            &key,
            &issued_at,
            &expires_at,
            &seen_at,
            &now,
        ];
        let added = self.database.change(&self.add, values).await;
        added.map_err(|failure| failure.error.at("cannot keep a device"))?;
        Ok(())
    }

    async fn list(
        &self,
        issuer: &Issuer,
        domain: &str,
        now: UnixTime,
    ) -> Result<Vec<Device>, StoreError> {
        let failed = |error: Error| error.at("cannot list devices");
        let did = issuer.normalized().did();
        let now = nanos(now);
        let rows = self.database.read(&self.list, &[&did, &domain, &now]).await;
        let rows = rows.map_err(failed)?;
        let devices = rows.iter().map(|row| device(issuer, domain, row));
        devices.collect::<Result<_, _>>().map_err(failed)
    }

    async fn remove(&self, issuer: &Issuer, identity: &Cid) -> Result<(), StoreError> {
        let (issuer, identity) = (issuer.normalized().did(), identity.to_bytes());
        let values: Values<'_> = &[&issuer, &identity];
        let removed = self.database.change(&self.remove, values).await;
        removed.map_err(|failure| failure.error.at("cannot remove a device"))?;
        Ok(())
    }
}
