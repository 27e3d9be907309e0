//! What keeps a node from starting, in words that say what to mend.

use folkmoot::storage::Database;
use folkmoot::transport::keys::NodeKeys;

use super::database;

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, _scratch) = database::fresh(folder.path());
    let db = Database::open(&url).await.expect("a fresh database opens");
    db.write(async |conn| {
        database::run(conn, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')").await
    })
    .await
    .expect("a later version was here");
    let error = Database::open(&url).await.err().expect("it is refused").to_string();
    assert!(error.contains("newer version") && error.contains("29991231000000"), "{error}");
    // And what it holds is as it was.
    db.read().await.expect("the old connections go on");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a file, not a folder");
    std::fs::write(&file, b"").expect("a file");
    let error = Database::open(&format!("sqlite:{}/node.sqlite", file.display())).await.err();
    let error = error.expect("there is no such folder").to_string();
    assert!(error.contains("a file, not a folder") && error.contains("cannot be reached"), "{error}");
    let error = NodeKeys::create(&file.join("keys")).map(|_| ()).expect_err("there is no such folder").to_string();
    assert!(error.contains("a file, not a folder"), "{error}");
}
