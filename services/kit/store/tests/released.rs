//! Migrations that were released stay as they were, and later ones only add: while a version is
//! rolled out, or taken back, the version before it works on the newer schema.

mod statements;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use statements::{Faults, statements};

/// Below a heading with its version, each file that a version brought, after its hash.
const LIST: &str = "services/kit/store/migrations/RELEASED";
const ABOUT: &str = "\
# Migrations as they were released, each below the version that brought it. Never edit a line:
# AMPARO_BLESS=1 cargo test -p kit-store released adds what is missing below the present version.
";

/// What was released: the versions, oldest first, and for each file its version and hash.
#[derive(Default)]
struct Released {
    versions: Vec<String>,
    files: BTreeMap<String, (String, String)>,
}

impl Released {
    fn read() -> Self {
        let mut released = Self::default();
        for line in fs::read_to_string(root().join(LIST)).unwrap_or_default().lines() {
            if let Some(version) = line.strip_prefix("## ") {
                released.versions.push(version.to_owned());
            } else if let Some((hash, file)) = line.split_once("  ") {
                let version = released.versions.last().expect("a version comes first").clone();
                released.files.insert(file.to_owned(), (version, hash.to_owned()));
            }
        }
        released
    }

    /// Whether the file was there when counting began.
    fn is_first(&self, file: &str) -> bool {
        self.files.get(file).is_some_and(|(version, _)| Some(version) == self.versions.first())
    }

    fn add(&mut self, file: &str, hash: &str) {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        if !self.versions.contains(&version) {
            self.versions.push(version.clone());
        }
        self.files.insert(file.to_owned(), (version, hash.to_owned()));
    }

    fn write(&self) {
        let mut text = ABOUT.to_owned();
        for version in &self.versions {
            let _ = writeln!(text, "\n## {version}");
            for (file, (_, hash)) in self.files.iter().filter(|(_, (of, _))| of == version) {
                let _ = writeln!(text, "{hash}  {file}");
            }
        }
        fs::write(root().join(LIST), text).unwrap();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Every migration of the repository, by its path.
fn migrations() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for parent in ["services", "services/kit"] {
        let crates = fs::read_dir(root().join(parent)).unwrap().flatten();
        for folder in crates.map(|it| it.path().join("migrations")).filter(|it| it.is_dir()) {
            for file in fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
                if file.extension().is_some_and(|it| it == "sql") {
                    let name = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                    found.insert(name, fs::read_to_string(&file).unwrap());
                }
            }
        }
    }
    found
}

fn hash(sql: &str) -> String {
    Sha256::digest(sql).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn what_was_released_stays_as_it_was() {
    let (mut released, present) = (Released::read(), migrations());
    if std::env::var_os("AMPARO_BLESS").is_some() {
        for (file, sql) in &present {
            if !released.files.contains_key(file) {
                released.add(file, &hash(sql));
            }
        }
        released.write();
    }
    for (file, (version, was)) in &released.files {
        let now = present.get(file).map(|sql| hash(sql));
        assert_eq!(now.as_ref(), Some(was), "{file} was released with {version}: add another");
    }
}

#[test]
fn what_comes_later_only_adds() {
    let released = Released::read();
    assert!(!released.versions.is_empty(), "{LIST} is empty");
    let later = migrations().into_iter().filter(|(file, _)| !released.is_first(file));
    for (file, sql) in later {
        // What this file is released with is not yet behind anybody.
        let with = released.files.get(&file).map_or(env!("CARGO_PKG_VERSION"), |(of, _)| of);
        let before = released.versions.iter().take_while(|version| *version != with);
        let faults = faults(&sql, &before.cloned().collect());
        assert!(faults.is_empty(), "{file}, for the version before: {faults:#?}");
    }
}

/// What a version before could not live with, but for what the file says nobody uses since one of
/// these versions: `-- unused since 0.2.0: table` or `-- unused since 0.2.0: table.column`.
fn faults(sql: &str, released: &BTreeSet<String>) -> Faults {
    let unused: Vec<_> = sql
        .lines()
        .filter_map(|line| line.strip_prefix("-- unused since ")?.split_once(": "))
        .filter(|(version, _)| released.contains(*version))
        .map(|(_, what)| what.trim().to_lowercase())
        .collect();
    let mut faults = statements(sql);
    faults.retain(|statement| {
        let words: Vec<_> = statements::words(statement).collect();
        !unused.iter().any(|what| what.split('.').all(|part| words.contains(&part)))
    });
    faults
}

#[test]
fn taking_away_is_noticed() {
    let refused = |sql: &str| assert_eq!(faults(sql, &BTreeSet::new()).len(), 1, "{sql}");
    let fine = |sql: &str| assert_eq!(faults(sql, &BTreeSet::new()), Faults::new(), "{sql}");
    refused("drop table a");
    refused("ALTER TABLE a\n  DROP COLUMN b;");
    refused("alter table a rename column b to c");
    refused("alter table a alter column b type text");
    refused("alter table a alter b set not null");
    refused("alter table a add column b text not null");
    refused("alter table a add column c int, add constraint d check (c > 0)");
    refused("alter table a add column b int unique");
    refused("create unique index i on a (b)");
    refused("create policy p on a as restrictive using (false)");
    refused("create or replace function f() returns int language sql as 'select 1'");
    refused("do $$ begin drop table a; end $$");
    refused("delete from a; -- ; insert into b values (1)");
    refused("revoke select on a from b");
    fine("-- drop table a;\n/* drop table b; */ insert into c values ('; drop table d')");
    fine("alter table a add column b text, add column if not exists c int not null default 0");
    fine("create table if not exists n (x int); alter table n enable row level security");
    fine(
        "create table n (x int); create unique index i on n (x); alter table n force row level \
          security; create policy p on n using (true)",
    );
    fine("create index i on a (b); update a set b = 1; grant select on a to b");
    fine("SELECT record_tables('visit', 'visit_id_display')");
}

#[test]
fn taking_away_what_nobody_uses_is_no_fault() {
    let released = BTreeSet::from(["0.2.0".to_owned()]);
    let sql = |since: &str, what: &str| {
        format!("-- unused since {since}: {what}\nalter table a drop column b;")
    };
    assert!(faults(&sql("0.2.0", "a.b"), &released).is_empty());
    assert_eq!(faults(&sql("0.2.0", "a.c"), &released).len(), 1, "something else");
    assert_eq!(faults(&sql("0.3.0", "a.b"), &released).len(), 1, "a version to come");
}
