//! A small domain to test with: a book on a shelf, its table, its store.

use kit_decider::{Aggregate, Command, Stored};
use kit_store::{Change, Migration, Projection, Store, StoreError, Tx};
use kit_test::TestDb;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_book.sql",
    sql: "create table book (tenant uuid not null, id text not null, title bytea, \
          lent integer not null, version bigint not null, primary key (tenant, id)); \
          create table shelf_mark (tenant uuid not null, mark text not null, \
          id text not null, primary key (tenant, mark, id)); \
          create unique index one_mark on shelf_mark (tenant, mark); \
          alter table book enable row level security; alter table book force row level security; \
          alter table shelf_mark enable row level security; \
          alter table shelf_mark force row level security; \
          create policy tenant on book \
          using (tenant = current_setting('amparo.tenant', true)::uuid); \
          create policy tenant on shelf_mark \
          using (tenant = current_setting('amparo.tenant', true)::uuid);",
}];

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    pub title: Option<String>,
    pub mark: Option<String>,
    pub lent: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BookEvent {
    Shelved { title: String, mark: Option<String> },
    Lent { to: String },
    Marked { mark: Option<String> },
}

impl Aggregate for Book {
    const CATEGORY: &'static str = "book";
    type Event = BookEvent;

    fn evolve(&mut self, event: &BookEvent) {
        match event {
            BookEvent::Shelved { title, mark } => {
                self.title = Some(title.clone());
                self.mark.clone_from(mark);
            }
            BookEvent::Lent { .. } => self.lent += 1,
            BookEvent::Marked { mark } => self.mark.clone_from(mark),
        }
    }
}

impl Stored for Book {
    const SNAPSHOT_EVERY: u64 = 10;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookRefusal {
    AlreadyShelved,
    NotShelved,
    LentOut,
}

#[derive(Clone)]
pub struct Shelve(pub &'static str, pub Option<&'static str>);

impl Command for Shelve {
    type Of = Book;
    type Refusal = BookRefusal;

    fn decide(self, book: &Book) -> Result<Vec<BookEvent>, BookRefusal> {
        if book.title.is_some() {
            return Err(BookRefusal::AlreadyShelved);
        }
        let mark = self.1.map(str::to_owned);
        Ok(vec![BookEvent::Shelved { title: self.0.to_owned(), mark }])
    }
}

/// Lends up to `most` times.
#[derive(Clone)]
pub struct Lend {
    pub to: &'static str,
    pub most: u32,
}

impl Command for Lend {
    type Of = Book;
    type Refusal = BookRefusal;

    fn decide(self, book: &Book) -> Result<Vec<BookEvent>, BookRefusal> {
        match book {
            Book { title: None, .. } => Err(BookRefusal::NotShelved),
            Book { lent, .. } if *lent >= self.most => Err(BookRefusal::LentOut),
            _ => Ok(vec![BookEvent::Lent { to: self.to.to_owned() }]),
        }
    }
}

/// Gives a book another mark, or takes it away.
#[derive(Clone)]
pub struct Mark(pub Option<&'static str>);

impl Command for Mark {
    type Of = Book;
    type Refusal = BookRefusal;

    fn decide(self, _: &Book) -> Result<Vec<BookEvent>, BookRefusal> {
        Ok(vec![BookEvent::Marked { mark: self.0.map(str::to_owned) }])
    }
}

pub struct BookTable;

impl Projection<Book> for BookTable {
    const NAME: &'static str = "book";
    const TABLES: &'static [&'static str] = &["book", "shelf_mark"];
    const TOUCHED: Option<(&'static str, &'static str)> = Some(("book", "id"));

    const BARE: bool = true;

    async fn project(&self, tx: &Tx, changes: &[Change<Book>]) -> Result<(), StoreError> {
        for change in changes {
            let over = "on conflict (tenant, id) do update \
                 set title = excluded.title, lent = excluded.lent, version = excluded.version";
            write(tx, change, over).await?;
            if change.before.mark != change.after.mark {
                let sql = "delete from shelf_mark where tenant = $1 and id = $2";
                tx.execute(sql, &[&change.tenant, &change.id]).await?;
            }
            mark(tx, change, "on conflict (tenant, mark, id) do nothing").await?;
        }
        Ok(())
    }

    async fn fill(&self, tx: &Tx, changes: &[Change<Book>]) -> Result<(), StoreError> {
        for change in changes {
            write(tx, change, "").await?;
            mark(tx, change, "").await?;
        }
        Ok(())
    }

    async fn erase(&self, tx: &Tx, tenant: Uuid, id: &str) -> Result<(), StoreError> {
        for table in ["book", "shelf_mark"] {
            let sql = format!("delete from {table} where tenant = $1 and id = $2");
            tx.execute(&sql, &[&tenant, &id]).await?;
        }
        Ok(())
    }
}

async fn write(tx: &Tx, change: &Change<Book>, over: &str) -> Result<(), StoreError> {
    let title = change.after.title.clone().unwrap_or_default();
    let key = change.key.as_ref().expect("books are sealed");
    let sealed = key.seal(&[b"book", change.id.as_bytes()], title.as_bytes());
    let lent = i32::try_from(change.after.lent).expect("few");
    let version = i64::try_from(change.version).expect("few");
    let sql = format!(
        "insert into book (tenant, id, title, lent, version) values ($1, $2, $3, $4, $5) {over}"
    );
    tx.execute(&sql, &[&change.tenant, &change.id, &sealed, &lent, &version]).await?;
    Ok(())
}

async fn mark(tx: &Tx, change: &Change<Book>, over: &str) -> Result<(), StoreError> {
    if let Some(mark) = &change.after.mark {
        let sql = format!("insert into shelf_mark (tenant, mark, id) values ($1, $2, $3) {over}");
        tx.execute(&sql, &[&change.tenant, &mark, &change.id]).await?;
    }
    Ok(())
}

pub async fn library() -> (TestDb, Store) {
    let db = TestDb::new("library", MIGRATIONS).await;
    let store = db.store().projection(BookTable).build();
    (db, store)
}

/// `(id, lent, version)` of each row, in order.
pub async fn rows(store: &Store, tenant: Uuid) -> Vec<(String, i32, i64)> {
    let tx = store.read(tenant).await.unwrap();
    let rows = tx.query("select id, lent, version from book order by id", &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}
