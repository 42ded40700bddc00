//! The Multikey documents, member by member. The peer's are held against the vectors.

use didkey::{
    DidDocument, DidKey, Error, KeyType, Profile, PublicKeyMaterial, Representation,
    VerificationRelationship,
};

// The example of the did:key specification, section "Create".
const ED25519: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
const DERIVED_X25519: &str = "z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p";

const SECP256K1: &str = "did:key:zQ3shWgSXj8ikGvC3VGgWgJVT9VpAhRdPPCtNe312KjYL7DF3";

#[test]
fn ed25519_with_the_derived_x25519() {
    let fingerprint = &ED25519[8..];
    let signing = format!("{ED25519}#{fingerprint}");
    let agreement = format!("{ED25519}#{DERIVED_X25519}");
    // As text: the order of the members counts.
    let expected = [
        r#"{"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/multikey/v1"],"#,
        &format!(r#""id":"{ED25519}","verificationMethod":["#),
        &format!(r#"{{"id":"{signing}","type":"Multikey","controller":"{ED25519}","#),
        &format!(r#""publicKeyMultibase":"{fingerprint}"}},"#),
        &format!(r#"{{"id":"{agreement}","type":"Multikey","controller":"{ED25519}","#),
        &format!(r#""publicKeyMultibase":"{DERIVED_X25519}"}}],"#),
        &format!(r#""authentication":["{signing}"],"assertionMethod":["{signing}"],"#),
        &format!(r#""capabilityDelegation":["{signing}"],"capabilityInvocation":["{signing}"],"#),
        &format!(r#""keyAgreement":["{agreement}"]}}"#),
    ]
    .concat();
    let document = DidDocument::resolve(ED25519, Profile::Multikey).unwrap();
    // As text: the order of the members counts.
    assert_eq!(serde_json::to_string(&document).unwrap(), expected);
    for representation in [Representation::Json, Representation::JsonLd] {
        assert_eq!(
            document.clone().with_representation(representation),
            document
        );
    }
}

#[test]
fn x25519_is_for_key_agreement_only() {
    let did: DidKey = format!("did:key:{DERIVED_X25519}").parse().unwrap();
    assert_eq!(did.key_type(), KeyType::X25519);
    let id = did.key_id();
    let expected = [
        r#"{"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/multikey/v1"],"#,
        &format!(r#""id":"{did}","verificationMethod":["#),
        &format!(r#"{{"id":"{id}","type":"Multikey","controller":"{did}","#),
        &format!(r#""publicKeyMultibase":"{DERIVED_X25519}"}}],"keyAgreement":["{id}"]}}"#),
    ]
    .concat();
    let document = did.document(Profile::Multikey).unwrap();
    assert_eq!(serde_json::to_string(&document).unwrap(), expected);
    assert_eq!(
        did.document(Profile::Peer),
        Err(Error::NoDocument {
            key_type: KeyType::X25519,
            profile: "peer"
        }),
    );
}

#[test]
fn ecdsa_keys_have_one_method_for_signatures() {
    let document = DidDocument::resolve(SECP256K1, Profile::Multikey).unwrap();
    let [method] = document.verification_methods() else {
        panic!("one method")
    };
    assert_eq!(method.id(), document.id().key_id());
    assert_eq!(method.kind(), "Multikey");
    assert_eq!(method.controller(), document.id());
    assert_eq!(
        method.material(),
        &PublicKeyMaterial::Multibase(SECP256K1[8..].into())
    );
    assert_eq!(document.signing_methods(), [method.id()]);
    assert_eq!(document.key_agreement(), []);
}

#[test]
fn peer_documents_embed_the_derived_key() {
    let document = DidDocument::resolve(ED25519, Profile::Peer).unwrap();
    assert_eq!(document.context(), [""; 0]);
    let [VerificationRelationship::Embedded(method)] = document.key_agreement() else {
        panic!("one embedded method")
    };
    assert_eq!(method.id(), format!("{ED25519}#{DERIVED_X25519}"));
    let linked = document.with_representation(Representation::JsonLd);
    assert_eq!(linked.context(), ["https://w3id.org/did/v1"]);
    assert_eq!(
        linked.with_representation(Representation::Json).context(),
        [""; 0]
    );
}

#[test]
fn did_urls_resolve_to_the_keys_document() {
    let document = DidDocument::resolve(ED25519, Profile::Multikey).unwrap();
    for suffix in ["#", "#other", "?", "?versionId=1#a"] {
        let url = format!("{ED25519}{suffix}");
        assert_eq!(
            DidDocument::resolve(&url, Profile::Multikey),
            Ok(document.clone()),
            "{url}"
        );
    }
    let path = format!("{ED25519}/path");
    assert_eq!(
        DidDocument::resolve(&path, Profile::Multikey),
        Err(Error::DidUrlPath)
    );
    let other = DidDocument::resolve("did:web:example.com", Profile::Multikey);
    assert_eq!(other, Err(Error::NotDidKey));
}

#[test]
fn representations_are_named_by_media_type() {
    for representation in [Representation::Json, Representation::JsonLd] {
        let media_type = representation.media_type();
        assert_eq!(
            Representation::from_media_type(media_type),
            Ok(representation)
        );
    }
    for other in [
        "",
        "text/plain",
        "application/json",
        "application/did+json; charset=utf-8",
    ] {
        let found = Representation::from_media_type(other);
        assert_eq!(found, Err(Error::UnsupportedRepresentation), "{other:?}");
    }
}
