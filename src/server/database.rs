//! The data of an instance: a SQLite file in a temporary folder that is removed with the instance. Main type: [`Database`].

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tempfile::TempDir;

/// Maximum number of idle connections. Reads run in parallel (WAL); further connections are opened and closed for each use.
const KEPT: usize = 8;

/// A SQLite database with a small pool. All calls block, so call them only where blocking is allowed.
pub struct Database {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// SQLite has one writer at a time, and other writers poll. Waiting for this lock avoids the polling.
    writer: Mutex<()>,
    _folder: TempDir,
}

impl Database {
    /// A new database with the tables of `schema`. Fails if the folder or file cannot be created, or the schema is rejected.
    pub fn create(schema: &str) -> Result<Self, CreateError> {
        let folder = tempfile::Builder::new().prefix("counterpart-").tempdir()?;
        let path = folder.path().join("data.sqlite");
        let connection = Connection::open(&path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        configure(&connection)?;
        connection.execute_batch(schema)?;
        Ok(Database {
            path,
            idle: Mutex::new(vec![connection]),
            writer: Mutex::new(()),
            _folder: folder,
        })
    }

    /// Runs `work` on a connection, for reading.
    pub fn read<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let connection = self.take()?;
        let result = work(&connection);
        self.give_back(connection);
        result
    }

    /// Runs `work` in a transaction, which is committed if `work` succeeds and rolled back if it fails.
    pub fn write<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _alone = lock(&self.writer);
        let mut connection = self.take()?;
        let result = in_transaction(&mut connection, work);
        self.give_back(connection);
        result
    }

    fn take(&self) -> Result<Connection, rusqlite::Error> {
        // The guard must be dropped before a connection is opened, or all readers would wait for it.
        let idle = lock(&self.idle).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                let connection = Connection::open(&self.path)?;
                configure(&connection)?;
                Ok(connection)
            }
        }
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = lock(&self.idle);
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }
}

fn in_transaction<T, E: From<rusqlite::Error>>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

fn configure(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "foreign_keys", true)?;
    // The file never outlives the process, so it need not survive a power cut.
    connection.pragma_update(None, "synchronous", "OFF")
}

/// A poisoned lock can be used: the data under it is consistent between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why the data of an instance could not be created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    #[error("cannot create a temporary folder: {0}")]
    Folder(#[from] std::io::Error),
    #[error("cannot create the database: {0}")]
    Database(#[from] rusqlite::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_is_rolled_back_and_the_file_is_removed_with_the_database() {
        let database =
            Database::create("CREATE TABLE t (n INTEGER NOT NULL UNIQUE) STRICT").unwrap();
        let file = database.path.clone();
        let twice: Result<(), rusqlite::Error> = database.write(|tx| {
            tx.execute("INSERT INTO t VALUES (1)", [])?;
            tx.execute("INSERT INTO t VALUES (1)", [])?;
            Ok(())
        });
        assert!(twice.is_err());
        let rows: i64 = database
            .read(|c| c.query_row("SELECT count(*) FROM t", [], |row| row.get(0)))
            .unwrap();
        assert_eq!(rows, 0);
        assert!(file.exists());
        drop(database);
        assert!(!file.exists());
    }
}
