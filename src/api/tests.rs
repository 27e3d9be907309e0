//! The description of the API against the API.

use std::collections::BTreeSet;

use serde_json::Value;

fn described() -> Value {
    serde_json::from_str(super::OPENAPI).expect("the description is JSON")
}

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let document = described();
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, operations)| {
            let methods = operations.as_object().expect("operations");
            methods.keys().map(|method| (method.clone(), path.clone()))
        })
        .collect();
    let (_, listed) = super::routes().finish();
    let routed: BTreeSet<(String, String)> =
        listed.into_iter().map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(described, routed);
}

#[test]
fn every_reference_in_the_description_leads_somewhere() {
    let document = described();
    let mut waiting = vec![&document];
    let mut followed = 0;
    while let Some(value) = waiting.pop() {
        if let Some(Value::String(reference)) = value.get("$ref") {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference}");
            followed += 1;
        }
        match value {
            Value::Object(members) => waiting.extend(members.values()),
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    assert!(followed > 50, "{followed} references");
}

#[test]
fn every_piece_of_a_path_is_a_described_parameter() {
    let document = described();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let pieces = path.matches('{').count();
        for (method, operation) in operations.as_object().expect("operations") {
            let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
            let named = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(named, pieces, "{method} {path}");
            assert!(operation["operationId"].is_string() && operation["summary"].is_string(), "{method} {path}");
        }
    }
}
