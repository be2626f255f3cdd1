PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-30 00:13:59');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-30 00:13:59');
INSERT INTO goose_db_version VALUES(3,2,1,'2026-11-30 00:13:59');
INSERT INTO goose_db_version VALUES(4,3,1,'2026-11-30 00:13:59');
INSERT INTO goose_db_version VALUES(5,4,1,'2026-11-30 00:13:59');
INSERT INTO goose_db_version VALUES(6,5,1,'2026-11-30 00:13:59');
INSERT INTO goose_db_version VALUES(7,6,1,'2026-11-30 00:14:00');
INSERT INTO goose_db_version VALUES(8,7,1,'2026-11-30 00:14:00');
INSERT INTO goose_db_version VALUES(9,8,1,'2026-11-30 00:14:00');
INSERT INTO goose_db_version VALUES(10,9,1,'2026-11-30 00:14:00');
CREATE TABLE meta (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    database_id TEXT   NOT NULL,
    counter     BIGINT NOT NULL, -- grows with every write transaction; its twin is the counter file
    restored    BIGINT NOT NULL, -- 1: restored, copied or rolled back, and not yet recovered (I7)
    sentinel    BLOB,            -- proves the key file at start
    audit_seq   BIGINT NOT NULL DEFAULT 0, -- number of the last row of the audit, and its proof
    audit_sum   BLOB
);
INSERT INTO meta VALUES(1,'01a229cd-254c-7c20-a8d1-1b4ebb9f858d',874,0,NULL,52,X'3ce3f76038845b5be00f013b56274ce04b4d10d65ab354c2479cb499aabd4e5f');
CREATE TABLE setting (
    name       TEXT PRIMARY KEY,
    value      TEXT   NOT NULL,
    updated_us BIGINT NOT NULL
);
CREATE TABLE person (
    id            TEXT PRIMARY KEY,
    name          TEXT   NOT NULL UNIQUE, -- sign-in name, normalised
    display_name  TEXT   NOT NULL,
    role          TEXT   NOT NULL CHECK (role IN ('viewer', 'operator', 'buyer', 'owner')),
    password_hash TEXT   NOT NULL,        -- Argon2id, PHC format
    language      TEXT   NOT NULL,
    zone          TEXT   NOT NULL,
    theme         TEXT   NOT NULL,
    shortcuts     BIGINT NOT NULL,
    scope         TEXT   NOT NULL,
    disabled      BIGINT NOT NULL,
    created_us    BIGINT NOT NULL,
    updated_us    BIGINT NOT NULL,
    rev           BIGINT NOT NULL
);
CREATE TABLE session (
    hash           TEXT PRIMARY KEY, -- SHA-256 of the token, hex
    person_id      TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_us     BIGINT NOT NULL,
    seen_us        BIGINT NOT NULL,
    fresh_until_us BIGINT NOT NULL,
    address        TEXT   NOT NULL,
    browser        TEXT   NOT NULL
);
CREATE TABLE device (
    hash      TEXT PRIMARY KEY, -- SHA-256 of the cookie, hex
    person_id TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    seen_us   BIGINT NOT NULL
);
CREATE TABLE link (
    hash       TEXT PRIMARY KEY, -- SHA-256 of the token, hex
    kind       TEXT   NOT NULL CHECK (kind IN ('setup', 'reset')),
    person_id  TEXT REFERENCES person (id) ON DELETE CASCADE,
    expires_us BIGINT NOT NULL   -- 0: does not expire
);
CREATE TABLE throttle (
    bucket   TEXT PRIMARY KEY, -- hash of what is throttled
    failures BIGINT NOT NULL,
    last_us  BIGINT NOT NULL,
    told     BIGINT NOT NULL   -- 1: the waiting is already in the audit
);
CREATE TABLE audit (
    seq         BIGINT PRIMARY KEY,
    at_us       BIGINT NOT NULL,
    person_id   TEXT   NOT NULL,
    person_name TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    session_ref TEXT   NOT NULL,
    address     TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    account_id  TEXT   NOT NULL,
    targets     TEXT   NOT NULL, -- JSON
    params      TEXT   NOT NULL, -- JSON
    intent      TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    request_ids TEXT   NOT NULL, -- JSON
    prev_mac    BLOB   NOT NULL,
    mac         BLOB   NOT NULL
);
INSERT INTO audit VALUES(1,1795425240000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-2','["01a229cd-2557-74eb-bfca-b42094c7e97a"]','{"hash":"0f34839180bdfad582ca9ebe83fdc96d377db0e808d7e4ba5da136ab109c43dd","image":"wordpress","name":"not-found","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-2557-74eb-bfca-b42094c7e97a','','null',X'',X'f0d4f24372e6fbad1889904d7e130458242eddf35cd644525d8ebbb4cbe3a163');
INSERT INTO audit VALUES(2,1795425240000000,'system','system','owner','','','order.send','acc-2','["01a229cd-2557-74eb-bfca-b42094c7e97a"]','{"client_request_id":"d73eef59-b7e9-4d9d-a7fe-5fda0d5e4499","confirmed_by":"p-buyer"}','01a229cd-2557-74eb-bfca-b42094c7e97a','about to send','null',X'f0d4f24372e6fbad1889904d7e130458242eddf35cd644525d8ebbb4cbe3a163',X'4d04131ab62f5f4ce456c81a89f59e43e35435c3f8789ed1974e873a92b61670');
INSERT INTO audit VALUES(3,1795425240000000,'system','system','owner','','','order.send','acc-2','["01a229cd-2557-74eb-bfca-b42094c7e97a"]','{"client_request_id":"d73eef59-b7e9-4d9d-a7fe-5fda0d5e4499","cloud_order":"","code":""}','01a229cd-2557-74eb-bfca-b42094c7e97a','unknown','null',X'4d04131ab62f5f4ce456c81a89f59e43e35435c3f8789ed1974e873a92b61670',X'c57be5c67d04fff27968125af8e31ff3c29b2491c059cf79b61e02e4d2453726');
INSERT INTO audit VALUES(4,1795425240000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-3','["01a229cd-256f-7a88-8671-f11e0a395d7b"]','{"hash":"a62edc9ea36c72c3057fdd63528c3c5b8d3180a041c9a5b4ed263143c7ea0c15","image":"wordpress","name":"needs-human","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-256f-7a88-8671-f11e0a395d7b','','null',X'c57be5c67d04fff27968125af8e31ff3c29b2491c059cf79b61e02e4d2453726',X'4cac100eda5c9d13a95f5b36de8dba883edbe646f958ed4a408fdc4f737594e8');
INSERT INTO audit VALUES(5,1795425240000000,'system','system','owner','','','order.send','acc-3','["01a229cd-256f-7a88-8671-f11e0a395d7b"]','{"client_request_id":"108d8919-41f8-4220-9227-efb37adbac56","confirmed_by":"p-buyer"}','01a229cd-256f-7a88-8671-f11e0a395d7b','about to send','null',X'4cac100eda5c9d13a95f5b36de8dba883edbe646f958ed4a408fdc4f737594e8',X'85e198f636a786c5af199a85a597541300f842d71a0b1453d277ed351fb4aba3');
INSERT INTO audit VALUES(6,1795425240000000,'system','system','owner','','','order.send','acc-3','["01a229cd-256f-7a88-8671-f11e0a395d7b"]','{"client_request_id":"108d8919-41f8-4220-9227-efb37adbac56","cloud_order":"","code":""}','01a229cd-256f-7a88-8671-f11e0a395d7b','unknown','null',X'85e198f636a786c5af199a85a597541300f842d71a0b1453d277ed351fb4aba3',X'73c67a53302508a867b7e446c45b55ad86d382463a8cf3448cd37675f10e7cc6');
INSERT INTO audit VALUES(7,1795426140000000,'system','system','owner','','','order.notfound','acc-2','["01a229cd-2557-74eb-bfca-b42094c7e97a"]','null','01a229cd-2557-74eb-bfca-b42094c7e97a','ok','null',X'73c67a53302508a867b7e446c45b55ad86d382463a8cf3448cd37675f10e7cc6',X'1e2cbeefe051b93d5c9e1d20d43ef6c9e5bbe2ee45e850bdd5c9bcf82499c0bd');
INSERT INTO audit VALUES(8,1795426260000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-25c7-7eab-bb21-cd32f476bf87"]','{"cap":"100 USD","hash":"8f28ee99726227ba847f3cbd8c2d1c12c154e0cb6528c0cb9350fbbc2ab82434","image":"wordpress","name":"delivered","payment":"atmost","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-25c7-7eab-bb21-cd32f476bf87','','null',X'1e2cbeefe051b93d5c9e1d20d43ef6c9e5bbe2ee45e850bdd5c9bcf82499c0bd',X'8112b74f55fa3163a51f8a4e7f30b455d48590173ae3f1a6e63e6987faebdbf2');
INSERT INTO audit VALUES(9,1795426260000000,'system','system','owner','','','order.send','acc-1','["01a229cd-25c7-7eab-bb21-cd32f476bf87"]','{"client_request_id":"eeb9b578-8994-41e7-821a-baa0d2d2b1cd","confirmed_by":"p-buyer"}','01a229cd-25c7-7eab-bb21-cd32f476bf87','about to send','null',X'8112b74f55fa3163a51f8a4e7f30b455d48590173ae3f1a6e63e6987faebdbf2',X'461e2725fb6731f935ec37ce49ff56741db286ed2247a761a7c7abc060b9eec0');
INSERT INTO audit VALUES(10,1795426260000000,'system','system','owner','','','order.send','acc-1','["01a229cd-25c7-7eab-bb21-cd32f476bf87"]','{"client_request_id":"eeb9b578-8994-41e7-821a-baa0d2d2b1cd","cloud_order":"CS000000000003","code":""}','01a229cd-25c7-7eab-bb21-cd32f476bf87','ordered','["req-CS000000000003"]',X'461e2725fb6731f935ec37ce49ff56741db286ed2247a761a7c7abc060b9eec0',X'8b8e7fbbe4f5c2d958afbb6404805796158ee43ff2ac8654171404e0053ddf5d');
INSERT INTO audit VALUES(11,1795426260000000,'system','system','owner','','','order.pay.send','acc-1','["01a229cd-25c7-7eab-bb21-cd32f476bf87","CS000000000003"]','{"amount":"12.4 USD","cap":"100 USD","confirmed_by":"Kerem","send":"1"}','01a229cd-25c7-7eab-bb21-cd32f476bf87','about to send','null',X'8b8e7fbbe4f5c2d958afbb6404805796158ee43ff2ac8654171404e0053ddf5d',X'54c5f35bafe812b1b06c3bb3c409a8d70d2ce3d93db17bb9d6d1a93c0e9dd719');
INSERT INTO audit VALUES(12,1795426260000000,'system','system','owner','','','order.pay.send','acc-1','["01a229cd-25c7-7eab-bb21-cd32f476bf87","CS000000000003"]','null','01a229cd-25c7-7eab-bb21-cd32f476bf87','ok','null',X'54c5f35bafe812b1b06c3bb3c409a8d70d2ce3d93db17bb9d6d1a93c0e9dd719',X'1ff8b67cf77ab45b2a7a432d24dd9eadd9461b6b9aba6a5a0ef4d926dc0bf9f8');
INSERT INTO audit VALUES(13,1795426265000000,'system','system','owner','','','order.delivered','acc-1','["01a229cd-25c7-7eab-bb21-cd32f476bf87","CS000000000003","i0000000000301"]','null','01a229cd-25c7-7eab-bb21-cd32f476bf87','ok','null',X'1ff8b67cf77ab45b2a7a432d24dd9eadd9461b6b9aba6a5a0ef4d926dc0bf9f8',X'07a3d8d59160672aba437a495df12463bc76793ef5dbddee1cf6a0b3c90e3ce0');
INSERT INTO audit VALUES(14,1795426320000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-260c-79e9-8e42-9d6bd99ba9e4"]','{"cap":"100 USD","hash":"f2ff3a7a20b1a405e51cde82193c8d21aaf2b05a067547f11e2b2dc2611e217b","image":"wordpress","name":"partly","payment":"atmost","period":"1 month","quantity":"2","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-260c-79e9-8e42-9d6bd99ba9e4','','null',X'07a3d8d59160672aba437a495df12463bc76793ef5dbddee1cf6a0b3c90e3ce0',X'64ef5d72346fdb7a20e3a67f859c21654efe779ebfa44591b7f3ed9cf7e369f7');
INSERT INTO audit VALUES(15,1795426320000000,'system','system','owner','','','order.send','acc-1','["01a229cd-260c-79e9-8e42-9d6bd99ba9e4"]','{"client_request_id":"3fafdfe7-4189-42d6-85f2-0313929ae593","confirmed_by":"p-buyer"}','01a229cd-260c-79e9-8e42-9d6bd99ba9e4','about to send','null',X'64ef5d72346fdb7a20e3a67f859c21654efe779ebfa44591b7f3ed9cf7e369f7',X'edd72e2f889bd57aa727d56ca8d44821819b814f0a0b851ebb2ea5823cf98db1');
INSERT INTO audit VALUES(16,1795426320000000,'system','system','owner','','','order.send','acc-1','["01a229cd-260c-79e9-8e42-9d6bd99ba9e4"]','{"client_request_id":"3fafdfe7-4189-42d6-85f2-0313929ae593","cloud_order":"CS000000000004","code":""}','01a229cd-260c-79e9-8e42-9d6bd99ba9e4','ordered','["req-CS000000000004"]',X'edd72e2f889bd57aa727d56ca8d44821819b814f0a0b851ebb2ea5823cf98db1',X'e2d4dd742143bc8f64e035bb0a2f081177424c0b1bfb5029b903e855d8152b63');
INSERT INTO audit VALUES(17,1795426320000000,'system','system','owner','','','order.pay.send','acc-1','["01a229cd-260c-79e9-8e42-9d6bd99ba9e4","CS000000000004"]','{"amount":"12.4 USD","cap":"100 USD","confirmed_by":"Kerem","send":"1"}','01a229cd-260c-79e9-8e42-9d6bd99ba9e4','about to send','null',X'e2d4dd742143bc8f64e035bb0a2f081177424c0b1bfb5029b903e855d8152b63',X'cea64a6e3a9df1883f12ca94a023f53986d6ba55e01afed7cf1c94db0f0a2cec');
INSERT INTO audit VALUES(18,1795426320000000,'system','system','owner','','','order.pay.send','acc-1','["01a229cd-260c-79e9-8e42-9d6bd99ba9e4","CS000000000004"]','null','01a229cd-260c-79e9-8e42-9d6bd99ba9e4','ok','null',X'cea64a6e3a9df1883f12ca94a023f53986d6ba55e01afed7cf1c94db0f0a2cec',X'b0013cd555c44e95ea25cc08e8ee4dd799fdbd984e48ca5dc4624cd13ab22d80');
INSERT INTO audit VALUES(19,1795426625000000,'system','system','owner','','','order.delivered','acc-1','["01a229cd-260c-79e9-8e42-9d6bd99ba9e4","CS000000000004","i0000000000401"]','null','01a229cd-260c-79e9-8e42-9d6bd99ba9e4','partly delivered','null',X'b0013cd555c44e95ea25cc08e8ee4dd799fdbd984e48ca5dc4624cd13ab22d80',X'ff56ef163f6e4fdc6042071a18db6a70f106dde4e2043ebc6a683e0c93320d8f');
INSERT INTO audit VALUES(20,1795426740000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-26e5-74c0-9223-4ec959157beb"]','{"hash":"04ff5b55b579df852e57fc13b91e1ad6bb875347eac1cdd5b0b4ac6dbfcfbf62","image":"wordpress","name":"closed","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-26e5-74c0-9223-4ec959157beb','','null',X'ff56ef163f6e4fdc6042071a18db6a70f106dde4e2043ebc6a683e0c93320d8f',X'963a048075448d97b682128dd82d8319c9467ec389aafc960f48d3229a324287');
INSERT INTO audit VALUES(21,1795426740000000,'system','system','owner','','','order.send','acc-1','["01a229cd-26e5-74c0-9223-4ec959157beb"]','{"client_request_id":"9b56031a-7b65-4771-a79a-693bd9b9deaa","confirmed_by":"p-buyer"}','01a229cd-26e5-74c0-9223-4ec959157beb','about to send','null',X'963a048075448d97b682128dd82d8319c9467ec389aafc960f48d3229a324287',X'9fb25d536a5d2a743c2252f4e21087ed8b65a1f0e998c33692b92b0a660553b5');
INSERT INTO audit VALUES(22,1795426740000000,'system','system','owner','','','order.send','acc-1','["01a229cd-26e5-74c0-9223-4ec959157beb"]','{"client_request_id":"9b56031a-7b65-4771-a79a-693bd9b9deaa","cloud_order":"CS000000000005","code":""}','01a229cd-26e5-74c0-9223-4ec959157beb','ordered','["req-CS000000000005"]',X'9fb25d536a5d2a743c2252f4e21087ed8b65a1f0e998c33692b92b0a660553b5',X'95589723c58e74cf1f1a15eb05ba03a41f865c6b672dbd1eef7eefa9f1736d2a');
INSERT INTO audit VALUES(23,1795426745000000,'system','system','owner','','','order.closed','acc-1','["01a229cd-26e5-74c0-9223-4ec959157beb"]','{"cloud_status":"4"}','01a229cd-26e5-74c0-9223-4ec959157beb','ok','null',X'95589723c58e74cf1f1a15eb05ba03a41f865c6b672dbd1eef7eefa9f1736d2a',X'b7e6daeb94470f17e7955711861a34c15b7e698a88b9f8a8d8311d7252839f35');
INSERT INTO audit VALUES(24,1795426800000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-26fc-7958-b67a-a406d6924c15"]','{"hash":"5f066c792819ddb5322b8ba28c70aea4a5197c93a39d479dc48674dcdc4c0423","image":"wordpress","name":"refused","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-26fc-7958-b67a-a406d6924c15','','null',X'b7e6daeb94470f17e7955711861a34c15b7e698a88b9f8a8d8311d7252839f35',X'62f0524448cbea5a40aab3ff55211ac991cf9f38c12e68f0686d363e9110c524');
INSERT INTO audit VALUES(25,1795426800000000,'system','system','owner','','','order.send','acc-1','["01a229cd-26fc-7958-b67a-a406d6924c15"]','{"client_request_id":"984564a7-a421-459b-817b-c12c30d94219","confirmed_by":"p-buyer"}','01a229cd-26fc-7958-b67a-a406d6924c15','about to send','null',X'62f0524448cbea5a40aab3ff55211ac991cf9f38c12e68f0686d363e9110c524',X'2cfc050b105ecf61f5526d08f67201c682ec6778bd921fd5312a724b603fddc2');
INSERT INTO audit VALUES(26,1795426800000000,'system','system','owner','','','order.send','acc-1','["01a229cd-26fc-7958-b67a-a406d6924c15"]','{"client_request_id":"984564a7-a421-459b-817b-c12c30d94219","cloud_order":"","code":"HCSS.14000010"}','01a229cd-26fc-7958-b67a-a406d6924c15','refused','["req-no"]',X'2cfc050b105ecf61f5526d08f67201c682ec6778bd921fd5312a724b603fddc2',X'50f04001de60d4720f2aba716ca5ed485b6c51122fa4363ab02e39c72625dece');
INSERT INTO audit VALUES(27,1795426800000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-2702-75e0-b1db-f3a520d82e1e"]','{"hash":"474f5f63f77cb907c64c8adf2b4882de15ad11b34b0b40d0f217e32b9f8c5159","image":"wordpress","name":"cancelled","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-2702-75e0-b1db-f3a520d82e1e','','null',X'50f04001de60d4720f2aba716ca5ed485b6c51122fa4363ab02e39c72625dece',X'f19beaee357e57cfe63f6156bca9c3be3079978b4d5095c207cc4685bf499fea');
INSERT INTO audit VALUES(28,1795426800000000,'p-buyer','Kerem','buyer','','','order.cancel','acc-1','["01a229cd-2702-75e0-b1db-f3a520d82e1e"]','null','01a229cd-2702-75e0-b1db-f3a520d82e1e','ok','null',X'f19beaee357e57cfe63f6156bca9c3be3079978b4d5095c207cc4685bf499fea',X'82cbcfb87c963714441a8a5200e5f79d0717f49b11b030299957dcdfa9015951');
INSERT INTO audit VALUES(29,1795426800000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-2705-7db4-a78d-c1f8d71a1635"]','{"hash":"39f6e83e3544d9df48b79e274a69811597890f190d05c79fa01eda1d306f4a02","image":"wordpress","name":"expired","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-2705-7db4-a78d-c1f8d71a1635','','null',X'82cbcfb87c963714441a8a5200e5f79d0717f49b11b030299957dcdfa9015951',X'a562ce28a711d69beef5b4d0c3a161c703a4997cbcccf1fbb19c97df9ebe932e');
INSERT INTO audit VALUES(30,1795427100000000,'system','system','owner','','','order.expire','acc-1','["01a229cd-2705-7db4-a78d-c1f8d71a1635"]','null','01a229cd-2705-7db4-a78d-c1f8d71a1635','ok','null',X'a562ce28a711d69beef5b4d0c3a161c703a4997cbcccf1fbb19c97df9ebe932e',X'c9b9812288acf92570ecc948b74f84e137657c4e63ccb171df5bb3edb9deb16b');
INSERT INTO audit VALUES(31,1795427160000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-2926-79b3-ba5b-08f698d17a80"]','{"cap":"100 USD","hash":"317639bea8e140e34d53e2a2e4bea4ac836784b653227bba1d1d57748640de01","image":"wordpress","name":"ordered","payment":"atmost","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-2926-79b3-ba5b-08f698d17a80','','null',X'c9b9812288acf92570ecc948b74f84e137657c4e63ccb171df5bb3edb9deb16b',X'3c0eea23b5ea682413baec7f2cbf8fbc7a19d83b26daded68e50a5e638e444ee');
INSERT INTO audit VALUES(32,1795427160000000,'system','system','owner','','','order.send','acc-1','["01a229cd-2926-79b3-ba5b-08f698d17a80"]','{"client_request_id":"252c324b-20c0-41e2-b790-8a0fca0f9d39","confirmed_by":"p-buyer"}','01a229cd-2926-79b3-ba5b-08f698d17a80','about to send','null',X'3c0eea23b5ea682413baec7f2cbf8fbc7a19d83b26daded68e50a5e638e444ee',X'1ca47a589e4ae0796665c0b2b8e71c5d0342c1e1b6f7c30c32a5344da3dd8659');
INSERT INTO audit VALUES(33,1795427160000000,'system','system','owner','','','order.send','acc-1','["01a229cd-2926-79b3-ba5b-08f698d17a80"]','{"client_request_id":"252c324b-20c0-41e2-b790-8a0fca0f9d39","cloud_order":"CS000000000006","code":""}','01a229cd-2926-79b3-ba5b-08f698d17a80','ordered','["req-CS000000000006"]',X'1ca47a589e4ae0796665c0b2b8e71c5d0342c1e1b6f7c30c32a5344da3dd8659',X'394ca2bdda72948514d88077d0b0f99ef645b3b844e36f909183bd159ab8151c');
INSERT INTO audit VALUES(34,1795427160000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-292f-7277-800d-411efb28c673"]','{"hash":"f3415c3a51575267f16975dfe7d0051ad90a822a13cdd4877bb3d75e976c5eba","image":"wordpress","name":"awaiting","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-292f-7277-800d-411efb28c673','','null',X'394ca2bdda72948514d88077d0b0f99ef645b3b844e36f909183bd159ab8151c',X'9c72b53fe8a20951d350584ca35d0ab8df3c50662a1db5e4196f10c9bf0fa8ac');
INSERT INTO audit VALUES(35,1795427160000000,'system','system','owner','','','order.send','acc-1','["01a229cd-292f-7277-800d-411efb28c673"]','{"client_request_id":"748c48d2-e0c5-400a-91a6-07376cb8863a","confirmed_by":"p-buyer"}','01a229cd-292f-7277-800d-411efb28c673','about to send','null',X'9c72b53fe8a20951d350584ca35d0ab8df3c50662a1db5e4196f10c9bf0fa8ac',X'911795e0aadf6aaa032929800ea8adb00a3fd5cb98ff415f425b73327c6f2f1c');
INSERT INTO audit VALUES(36,1795427160000000,'system','system','owner','','','order.send','acc-1','["01a229cd-292f-7277-800d-411efb28c673"]','{"client_request_id":"748c48d2-e0c5-400a-91a6-07376cb8863a","cloud_order":"CS000000000007","code":""}','01a229cd-292f-7277-800d-411efb28c673','ordered','["req-CS000000000007"]',X'911795e0aadf6aaa032929800ea8adb00a3fd5cb98ff415f425b73327c6f2f1c',X'82ab4e2093a4330fb8f4ce88f3a90342633523f941e655e7209c3b05821244b8');
INSERT INTO audit VALUES(37,1795427160000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-2939-76b9-947d-844d4fffe39d"]','{"cap":"100 USD","hash":"7ac1f08ce6829e2d89506cc6aa2bf39f6a7e5b178b4d96dfc0b3b916ca5166de","image":"wordpress","name":"delivering","payment":"atmost","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-2939-76b9-947d-844d4fffe39d','','null',X'82ab4e2093a4330fb8f4ce88f3a90342633523f941e655e7209c3b05821244b8',X'3745aa83ea1aed666f7075dbc0b45688b0f20fbe035397268c405121156900b9');
INSERT INTO audit VALUES(38,1795427160000000,'system','system','owner','','','order.send','acc-1','["01a229cd-2939-76b9-947d-844d4fffe39d"]','{"client_request_id":"49b4e572-e959-4356-bf2c-6c8e3a713583","confirmed_by":"p-buyer"}','01a229cd-2939-76b9-947d-844d4fffe39d','about to send','null',X'3745aa83ea1aed666f7075dbc0b45688b0f20fbe035397268c405121156900b9',X'64a08237b054404ebbdfa60620eb2cf67bcb7ce607949731080219ac23b45351');
INSERT INTO audit VALUES(39,1795427160000000,'system','system','owner','','','order.send','acc-1','["01a229cd-2939-76b9-947d-844d4fffe39d"]','{"client_request_id":"49b4e572-e959-4356-bf2c-6c8e3a713583","cloud_order":"CS000000000008","code":""}','01a229cd-2939-76b9-947d-844d4fffe39d','ordered','["req-CS000000000008"]',X'64a08237b054404ebbdfa60620eb2cf67bcb7ce607949731080219ac23b45351',X'e9a298469f44fbc549e5b69ab17825df4eabbb6696dd083a3c501eacd8df429d');
INSERT INTO audit VALUES(40,1795427160000000,'system','system','owner','','','order.pay.send','acc-1','["01a229cd-2939-76b9-947d-844d4fffe39d","CS000000000008"]','{"amount":"12.4 USD","cap":"100 USD","confirmed_by":"Kerem","send":"1"}','01a229cd-2939-76b9-947d-844d4fffe39d','about to send','null',X'e9a298469f44fbc549e5b69ab17825df4eabbb6696dd083a3c501eacd8df429d',X'c583c69fe7ee75ef91d816ddc94b4b83395740fe2c9ed3cd62294fbedcbd4fd3');
INSERT INTO audit VALUES(41,1795427160000000,'system','system','owner','','','order.pay.send','acc-1','["01a229cd-2939-76b9-947d-844d4fffe39d","CS000000000008"]','null','01a229cd-2939-76b9-947d-844d4fffe39d','ok','null',X'c583c69fe7ee75ef91d816ddc94b4b83395740fe2c9ed3cd62294fbedcbd4fd3',X'fa28885e6ddaf46d80ecae26f0f29bc110031588002c7ce06645ee1b9892f22d');
INSERT INTO audit VALUES(42,1795427180000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-1','["01a229cd-2959-713f-8a8b-2dedae32c065"]','{"cap":"100 USD","hash":"f6f83467253b955fcdb7c3fad6c63d0d3eb3e41595d95be7b2ca9d21d87cdd78","image":"wordpress","name":"paying","payment":"atmost","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-2959-713f-8a8b-2dedae32c065','','null',X'fa28885e6ddaf46d80ecae26f0f29bc110031588002c7ce06645ee1b9892f22d',X'9e2756d478422f0839cd33635be5126990f32e5c4127d9286535c86ec45a35f3');
INSERT INTO audit VALUES(43,1795427180000000,'system','system','owner','','','order.send','acc-1','["01a229cd-2959-713f-8a8b-2dedae32c065"]','{"client_request_id":"48f2fdd7-80e1-441b-9509-246fecfb75cc","confirmed_by":"p-buyer"}','01a229cd-2959-713f-8a8b-2dedae32c065','about to send','null',X'9e2756d478422f0839cd33635be5126990f32e5c4127d9286535c86ec45a35f3',X'921e89baf5f81e954cce2e35f87bc33e7a054d2810365b5e36913822d079930a');
INSERT INTO audit VALUES(44,1795427180000000,'system','system','owner','','','order.send','acc-1','["01a229cd-2959-713f-8a8b-2dedae32c065"]','{"client_request_id":"48f2fdd7-80e1-441b-9509-246fecfb75cc","cloud_order":"CS000000000009","code":""}','01a229cd-2959-713f-8a8b-2dedae32c065','ordered','["req-CS000000000009"]',X'921e89baf5f81e954cce2e35f87bc33e7a054d2810365b5e36913822d079930a',X'4d2da2df9afe7a6ab5c878b2678061b643b90f707f3dc0b39d07db1eca0fa9fa');
INSERT INTO audit VALUES(45,1795427180000000,'system','system','owner','','','order.pay.send','acc-1','["01a229cd-2959-713f-8a8b-2dedae32c065","CS000000000009"]','{"amount":"12.4 USD","cap":"100 USD","confirmed_by":"Kerem","send":"1"}','01a229cd-2959-713f-8a8b-2dedae32c065','about to send','null',X'4d2da2df9afe7a6ab5c878b2678061b643b90f707f3dc0b39d07db1eca0fa9fa',X'8086d6856d656f91b05a7a4f1854743e177ac6321d418c032224b75ad5e351ae');
INSERT INTO audit VALUES(46,1795427180000000,'system','system','owner','','','order.pay.send','acc-1','["01a229cd-2959-713f-8a8b-2dedae32c065","CS000000000009"]','null','01a229cd-2959-713f-8a8b-2dedae32c065','ok','null',X'8086d6856d656f91b05a7a4f1854743e177ac6321d418c032224b75ad5e351ae',X'a0e2ec3ed1046237c1dd60808fff1cbc145af088759c4120c898b8166ea81b53');
INSERT INTO audit VALUES(47,1795427180000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-4','["01a229cd-2964-709f-9b07-d46d7749f3b5"]','{"hash":"be5f31dbc65e19a78a40af30630fcaeffb23dd038bf09af7b70cdc4617ae6e47","image":"wordpress","name":"unknown","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-2964-709f-9b07-d46d7749f3b5','','null',X'a0e2ec3ed1046237c1dd60808fff1cbc145af088759c4120c898b8166ea81b53',X'1c84281f8ac6f7e8f3728b623950f7a2fe0f0219c0875ddf4ed85adb7845a623');
INSERT INTO audit VALUES(48,1795427180000000,'system','system','owner','','','order.send','acc-4','["01a229cd-2964-709f-9b07-d46d7749f3b5"]','{"client_request_id":"258c9de3-1eb7-421b-a431-c3f4c550ed2c","confirmed_by":"p-buyer"}','01a229cd-2964-709f-9b07-d46d7749f3b5','about to send','null',X'1c84281f8ac6f7e8f3728b623950f7a2fe0f0219c0875ddf4ed85adb7845a623',X'17295206f60a4f6ae8c30623d0478b843e4e47212a9ce84783c6e2f0735be090');
INSERT INTO audit VALUES(49,1795427180000000,'system','system','owner','','','order.send','acc-4','["01a229cd-2964-709f-9b07-d46d7749f3b5"]','{"client_request_id":"258c9de3-1eb7-421b-a431-c3f4c550ed2c","cloud_order":"","code":""}','01a229cd-2964-709f-9b07-d46d7749f3b5','unknown','null',X'17295206f60a4f6ae8c30623d0478b843e4e47212a9ce84783c6e2f0735be090',X'809426cc85075b99872db9f8029a65f1910f846e1a237e13582e8007524e3000');
INSERT INTO audit VALUES(50,1795427180000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-5','["01a229cd-296a-7d00-aadb-41c260b6793a"]','{"hash":"8fb12b01d6dcb1bcbdcb2f83fb79a1cf8efb1a40e3697e8a189c67a52b3c3d80","image":"wordpress","name":"sending","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-296a-7d00-aadb-41c260b6793a','','null',X'809426cc85075b99872db9f8029a65f1910f846e1a237e13582e8007524e3000',X'429771f97bb6907c4fc1f5278fe460c08f426dc105ff76b623e76b3f4f8ecf1e');
INSERT INTO audit VALUES(51,1795427180000000,'system','system','owner','','','order.send','acc-5','["01a229cd-296a-7d00-aadb-41c260b6793a"]','{"client_request_id":"4a604a77-3011-4a15-b559-e711cc1f70ce","confirmed_by":"p-buyer"}','01a229cd-296a-7d00-aadb-41c260b6793a','about to send','null',X'429771f97bb6907c4fc1f5278fe460c08f426dc105ff76b623e76b3f4f8ecf1e',X'f4238f72435833fe55796d0ee9021ff7c14e2c26a1dcc941b77dd920ee5e9b59');
INSERT INTO audit VALUES(52,1795427180000000,'p-buyer','Kerem','buyer','','','order.confirm','acc-6','["01a229cd-2970-706d-a004-42061354c85b"]','{"hash":"8eaa78f23eea6f5ec0bd4bc5dd68dab174d51f4e97713eb399af7eede488a6ea","image":"wordpress","name":"confirmed","payment":"exact","period":"1 month","quantity":"1","region":"ap-southeast-3","spec":"hf.large.2.30m.linux","version":"6.4"}','01a229cd-2970-706d-a004-42061354c85b','','null',X'f4238f72435833fe55796d0ee9021ff7c14e2c26a1dcc941b77dd920ee5e9b59',X'93ad8b3ba40ebe77679083a8f04553b17618b920a850e770c8c4ba8a7ba36a8c');
CREATE TABLE account (
    id          TEXT PRIMARY KEY,
    label       TEXT   NOT NULL,
    label_key   TEXT   NOT NULL, -- the label as it is compared
    site        TEXT   NOT NULL CHECK (site IN ('intl', 'cn', 'eu', 'custom', 'sandbox')),
    credential  TEXT   NOT NULL CHECK (credential IN ('key', 'login')),
    key_hint    TEXT   NOT NULL, -- last 4 characters of the access key id, or the IAM user's name
    sealed      BLOB,            -- the credential; NULL once deleted
    endpoints   TEXT   NOT NULL, -- JSON
    state       TEXT   NOT NULL CHECK (state IN ('active', 'disabled', 'broken')),
    trouble     TEXT   NOT NULL, -- JSON of a message, '' for none
    trouble_us  BIGINT NOT NULL,
    domain_id   TEXT   NOT NULL,
    domain_name TEXT   NOT NULL,
    projects    TEXT   NOT NULL, -- JSON: region → project id
    currency    TEXT   NOT NULL,
    checks      TEXT   NOT NULL, -- JSON
    checked_us  BIGINT NOT NULL,
    rights      TEXT   NOT NULL, -- JSON
    lock_lifted TEXT   NOT NULL, -- order id whose unknown outcome an owner decided not to wait for
    created_us  BIGINT NOT NULL,
    updated_us  BIGINT NOT NULL,
    deleted_us  BIGINT NOT NULL, -- 0: not deleted
    rev         BIGINT NOT NULL
);
CREATE TABLE job (
    id             TEXT PRIMARY KEY,
    kind           TEXT   NOT NULL,
    account_id     TEXT   NOT NULL,
    person_id      TEXT   NOT NULL,
    due_us         BIGINT NOT NULL, -- 0: only when somebody nudges it
    done_us        BIGINT NOT NULL, -- 0: not done
    held           BIGINT NOT NULL,
    paused         BIGINT NOT NULL,
    tries          BIGINT NOT NULL, -- failures in a row
    nudge          BIGINT NOT NULL, -- grows when somebody wants it worked on now
    lease_owner    TEXT   NOT NULL, -- random id of a process start, '' when free
    lease_gen      BIGINT NOT NULL, -- one more with every claim
    lease_until_us BIGINT NOT NULL,
    created_us     BIGINT NOT NULL
);
INSERT INTO job VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a','purchase','acc-2','p-buyer',1795429740000000,0,0,0,0,0,'',8,0,1795425240000000);
INSERT INTO job VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b','purchase','acc-3','p-buyer',1795428855000000,0,0,0,0,0,'',2,0,1795425240000000);
INSERT INTO job VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87','purchase','acc-1','p-buyer',1795427195000000,0,0,0,0,0,'',74,0,1795426260000000);
INSERT INTO job VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4','purchase','acc-1','p-buyer',1795427195000000,0,0,0,0,0,'',78,0,1795426320000000);
INSERT INTO job VALUES('01a229cd-26e5-74c0-9223-4ec959157beb','purchase','acc-1','p-buyer',0,1795426745000000,0,0,0,0,'',4,0,1795426740000000);
INSERT INTO job VALUES('01a229cd-26fc-7958-b67a-a406d6924c15','purchase','acc-1','p-buyer',0,1795426800000000,0,0,0,0,'',1,0,1795426800000000);
INSERT INTO job VALUES('01a229cd-2702-75e0-b1db-f3a520d82e1e','purchase','acc-1','p-buyer',0,1795426800000000,0,0,0,1,'',1,0,1795426800000000);
INSERT INTO job VALUES('01a229cd-2705-7db4-a78d-c1f8d71a1635','purchase','acc-1','p-buyer',0,1795427100000000,0,0,0,0,'',151,0,1795426800000000);
INSERT INTO job VALUES('01a229cd-2926-79b3-ba5b-08f698d17a80','purchase','acc-1','p-buyer',1795427185000000,0,0,0,0,0,'',6,0,1795427160000000);
INSERT INTO job VALUES('01a229cd-292f-7277-800d-411efb28c673','purchase','acc-1','p-buyer',1795427185000000,0,0,0,0,0,'',7,0,1795427160000000);
INSERT INTO job VALUES('01a229cd-2939-76b9-947d-844d4fffe39d','purchase','acc-1','p-buyer',1795427185000000,0,0,0,0,0,'',8,0,1795427160000000);
INSERT INTO job VALUES('01a229cd-2959-713f-8a8b-2dedae32c065','purchase','acc-1','p-buyer',1795427185000000,0,0,0,0,0,'',3,0,1795427180000000);
INSERT INTO job VALUES('01a229cd-2964-709f-9b07-d46d7749f3b5','purchase','acc-4','p-buyer',1795427195000000,0,0,0,0,0,'',1,0,1795427180000000);
INSERT INTO job VALUES('01a229cd-296a-7d00-aadb-41c260b6793a','purchase','acc-5','p-buyer',1795427182000000,0,0,0,1,0,'',1,0,1795427180000000);
INSERT INTO job VALUES('01a229cd-2970-706d-a004-42061354c85b','purchase','acc-6','p-buyer',1795427180000000,0,0,0,0,0,'',0,0,1795427180000000);
CREATE TABLE job_target (
    job_id     TEXT   NOT NULL REFERENCES job (id),
    n          BIGINT NOT NULL,
    thing      TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('pending', 'sending', 'accepted', 'ok', 'failed', 'skipped', 'unknown', 'cancelled')),
    code       TEXT   NOT NULL,
    message    TEXT   NOT NULL, -- JSON of a message id and its values, '' for none
    request_id TEXT   NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (job_id, n)
);
INSERT INTO job_target VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',1,'01a229cd-2557-74eb-bfca-b42094c7e97a','unknown','','{"id":"order.notfound"}','',1795426140000000);
INSERT INTO job_target VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',1,'01a229cd-256f-7a88-8671-f11e0a395d7b','unknown','','{"id":"order.human","values":{"N":"2"}}','',1795425255000000);
INSERT INTO job_target VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',1,'01a229cd-25c7-7eab-bb21-cd32f476bf87','ok','','','',1795426265000000);
INSERT INTO job_target VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',1,'01a229cd-260c-79e9-8e42-9d6bd99ba9e4','accepted','','{"id":"order.partly","values":{"N":"1","Of":"2"}}','',1795426625000000);
INSERT INTO job_target VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',1,'01a229cd-26e5-74c0-9223-4ec959157beb','failed','','{"id":"order.closed.unpaid"}','req-CS000000000005',1795426745000000);
INSERT INTO job_target VALUES('01a229cd-26fc-7958-b67a-a406d6924c15',1,'01a229cd-26fc-7958-b67a-a406d6924c15','failed','HCSS.14000010','{"id":"order.refused.soldout","values":{"Detail":"the cloud''s words"}}','req-no',1795426800000000);
INSERT INTO job_target VALUES('01a229cd-2702-75e0-b1db-f3a520d82e1e',1,'01a229cd-2702-75e0-b1db-f3a520d82e1e','cancelled','','{"id":"order.cancelled.queued"}','',1795426800000000);
INSERT INTO job_target VALUES('01a229cd-2705-7db4-a78d-c1f8d71a1635',1,'01a229cd-2705-7db4-a78d-c1f8d71a1635','failed','','{"id":"order.expired.disk"}','',1795427100000000);
INSERT INTO job_target VALUES('01a229cd-2926-79b3-ba5b-08f698d17a80',1,'01a229cd-2926-79b3-ba5b-08f698d17a80','accepted','','','req-CS000000000006',1795427160000000);
INSERT INTO job_target VALUES('01a229cd-292f-7277-800d-411efb28c673',1,'01a229cd-292f-7277-800d-411efb28c673','accepted','','','req-CS000000000007',1795427160000000);
INSERT INTO job_target VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',1,'01a229cd-2939-76b9-947d-844d4fffe39d','accepted','','','',1795427165000000);
INSERT INTO job_target VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',1,'01a229cd-2959-713f-8a8b-2dedae32c065','accepted','','','',1795427180000000);
INSERT INTO job_target VALUES('01a229cd-2964-709f-9b07-d46d7749f3b5',1,'01a229cd-2964-709f-9b07-d46d7749f3b5','unknown','','{"id":"order.unknown.silence"}','',1795427180000000);
INSERT INTO job_target VALUES('01a229cd-296a-7d00-aadb-41c260b6793a',1,'01a229cd-296a-7d00-aadb-41c260b6793a','sending','','','',1795427180000000);
INSERT INTO job_target VALUES('01a229cd-2970-706d-a004-42061354c85b',1,'01a229cd-2970-706d-a004-42061354c85b','pending','','','',1795427180000000);
CREATE TABLE draft (
    id         TEXT PRIMARY KEY,
    person_id  TEXT   NOT NULL,
    step       TEXT   NOT NULL,
    form       TEXT   NOT NULL, -- JSON
    before     TEXT   NOT NULL, -- JSON, '' for none
    ordered_as TEXT   NOT NULL,
    repeat_of  TEXT   NOT NULL,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    rev        BIGINT NOT NULL
);
INSERT INTO draft VALUES('01a229cd-254e-7ca2-bb4a-e081cdf6c4bc','p-buyer','image','{"account":"acc-2","image":"wordpress","name":"not-found","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-2557-74eb-bfca-b42094c7e97a','',1795425240000000,1795425240000000,2);
INSERT INTO draft VALUES('01a229cd-256b-75b7-83b5-73a1e94c80ad','p-buyer','image','{"account":"acc-3","image":"wordpress","name":"needs-human","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-256f-7a88-8671-f11e0a395d7b','',1795425240000000,1795425240000000,2);
INSERT INTO draft VALUES('01a229cd-25c4-7f04-824e-a514f5951323','p-buyer','image','{"account":"acc-1","cap":"100","cap_currency":"USD","image":"wordpress","name":"delivered","payment":"atmost","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-25c7-7eab-bb21-cd32f476bf87','',1795426260000000,1795426260000000,2);
INSERT INTO draft VALUES('01a229cd-2608-73da-b0b4-544ee76c292f','p-buyer','image','{"account":"acc-1","cap":"100","cap_currency":"USD","image":"wordpress","name":"partly","payment":"atmost","period_num":"1","period_unit":"month","quantity":"2","region":"ap-southeast-3","size":"2-4"}','','01a229cd-260c-79e9-8e42-9d6bd99ba9e4','',1795426320000000,1795426320000000,2);
INSERT INTO draft VALUES('01a229cd-26e3-79a9-9b84-159ed40f8c4e','p-buyer','image','{"account":"acc-1","image":"wordpress","name":"closed","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-26e5-74c0-9223-4ec959157beb','',1795426740000000,1795426740000000,2);
INSERT INTO draft VALUES('01a229cd-26fb-7186-b214-8bf229ffa9b6','p-buyer','image','{"account":"acc-1","image":"wordpress","name":"refused","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-26fc-7958-b67a-a406d6924c15','',1795426800000000,1795426800000000,2);
INSERT INTO draft VALUES('01a229cd-2700-7efc-8dc9-5a34f674a8a4','p-buyer','image','{"account":"acc-1","image":"wordpress","name":"cancelled","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-2702-75e0-b1db-f3a520d82e1e','',1795426800000000,1795426800000000,2);
INSERT INTO draft VALUES('01a229cd-2704-7867-8ba1-36631fb1933e','p-buyer','image','{"account":"acc-1","image":"wordpress","name":"expired","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-2705-7db4-a78d-c1f8d71a1635','',1795426800000000,1795426800000000,2);
INSERT INTO draft VALUES('01a229cd-2923-7d23-a0d6-33ffe9f03b9c','p-buyer','image','{"account":"acc-1","cap":"100","cap_currency":"USD","image":"wordpress","name":"ordered","payment":"atmost","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-2926-79b3-ba5b-08f698d17a80','',1795427160000000,1795427160000000,2);
INSERT INTO draft VALUES('01a229cd-292d-75fc-a880-481500f66f63','p-buyer','image','{"account":"acc-1","image":"wordpress","name":"awaiting","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-292f-7277-800d-411efb28c673','',1795427160000000,1795427160000000,2);
INSERT INTO draft VALUES('01a229cd-2937-72cf-979d-39a3a311dc4c','p-buyer','image','{"account":"acc-1","cap":"100","cap_currency":"USD","image":"wordpress","name":"delivering","payment":"atmost","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-2939-76b9-947d-844d4fffe39d','',1795427160000000,1795427160000000,2);
INSERT INTO draft VALUES('01a229cd-2957-7a4f-b67b-8f4b1a120302','p-buyer','image','{"account":"acc-1","cap":"100","cap_currency":"USD","image":"wordpress","name":"paying","payment":"atmost","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-2959-713f-8a8b-2dedae32c065','',1795427180000000,1795427180000000,2);
INSERT INTO draft VALUES('01a229cd-2962-7996-8098-5918df446681','p-buyer','image','{"account":"acc-4","image":"wordpress","name":"unknown","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-2964-709f-9b07-d46d7749f3b5','',1795427180000000,1795427180000000,2);
INSERT INTO draft VALUES('01a229cd-2969-71df-b5fb-5b85660ca242','p-buyer','image','{"account":"acc-5","image":"wordpress","name":"sending","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-296a-7d00-aadb-41c260b6793a','',1795427180000000,1795427180000000,2);
INSERT INTO draft VALUES('01a229cd-296e-78de-b69f-7cb6bf21b766','p-buyer','image','{"account":"acc-6","image":"wordpress","name":"confirmed","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','01a229cd-2970-706d-a004-42061354c85b','',1795427180000000,1795427180000000,2);
INSERT INTO draft VALUES('01a229cd-2971-7529-9ae8-44138ed9a15c','p-buyer','image','{"account":"acc-7","image":"wordpress","name":"open-review","payment":"exact","period_num":"1","period_unit":"month","quantity":"1","region":"ap-southeast-3","size":"2-4"}','','','',1795427180000000,1795427180000000,1);
CREATE TABLE review (
    id                TEXT PRIMARY KEY,
    draft_id          TEXT   NOT NULL,
    person_id         TEXT   NOT NULL,
    request           TEXT   NOT NULL, -- JSON
    hash              TEXT   NOT NULL,
    client_request_id TEXT   NOT NULL UNIQUE,
    intent_tag        TEXT   NOT NULL,
    image_name        TEXT   NOT NULL, -- spelling inside the body
    body              BLOB   NOT NULL,
    url               TEXT   NOT NULL,
    repeats           TEXT   NOT NULL,
    order_id          TEXT   NOT NULL, -- '' until confirmed
    created_us        BIGINT NOT NULL
);
INSERT INTO review VALUES('01a229cd-2551-7ceb-b0aa-4a10950135d3','01a229cd-254e-7ca2-bb4a-e081cdf6c4bc','p-buyer','{"account_id":"acc-2","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"not-found","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','0f34839180bdfad582ca9ebe83fdc96d377db0e808d7e4ba5da136ab109c43dd','d73eef59-b7e9-4d9d-a7fe-5fda0d5e4499','wjnkauecip','WordPress',X'7b224e616d65223a226e6f742d666f756e64222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a22776a6e6b617565636970222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-2557-74eb-bfca-b42094c7e97a',1795425240000000);
INSERT INTO review VALUES('01a229cd-256e-7485-ad5d-f0c1cb67442d','01a229cd-256b-75b7-83b5-73a1e94c80ad','p-buyer','{"account_id":"acc-3","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"needs-human","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','a62edc9ea36c72c3057fdd63528c3c5b8d3180a041c9a5b4ed263143c7ea0c15','108d8919-41f8-4220-9227-efb37adbac56','reqdmgpt2g','WordPress',X'7b224e616d65223a226e656564732d68756d616e222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a22726571646d6770743267222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-256f-7a88-8671-f11e0a395d7b',1795425240000000);
INSERT INTO review VALUES('01a229cd-25c6-7d18-9c2b-15b7d330f193','01a229cd-25c4-7f04-824e-a514f5951323','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"delivered","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','8f28ee99726227ba847f3cbd8c2d1c12c154e0cb6528c0cb9350fbbc2ab82434','eeb9b578-8994-41e7-821a-baa0d2d2b1cd','8f35vwrsbt','WordPress',X'7b224e616d65223a2264656c697665726564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2238663335767772736274222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-25c7-7eab-bb21-cd32f476bf87',1795426260000000);
INSERT INTO review VALUES('01a229cd-2609-762f-88a9-03504cf026b3','01a229cd-2608-73da-b0b4-544ee76c292f','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"partly","description":"","quantity":2,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','f2ff3a7a20b1a405e51cde82193c8d21aaf2b05a067547f11e2b2dc2611e217b','3fafdfe7-4189-42d6-85f2-0313929ae593','gr96t6aheb','WordPress',X'7b224e616d65223a22706172746c79222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2267723936743661686562222c22556e6974223a226d6f6e7468222c225175616e74697479223a322c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-260c-79e9-8e42-9d6bd99ba9e4',1795426320000000);
INSERT INTO review VALUES('01a229cd-26e4-73ed-a787-d5aa14baa81f','01a229cd-26e3-79a9-9b84-159ed40f8c4e','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"closed","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','04ff5b55b579df852e57fc13b91e1ad6bb875347eac1cdd5b0b4ac6dbfcfbf62','9b56031a-7b65-4771-a79a-693bd9b9deaa','idx2q4whdh','WordPress',X'7b224e616d65223a22636c6f736564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2269647832713477686468222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-26e5-74c0-9223-4ec959157beb',1795426740000000);
INSERT INTO review VALUES('01a229cd-26fb-7ae6-9385-8d1570b051bb','01a229cd-26fb-7186-b214-8bf229ffa9b6','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"refused","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','5f066c792819ddb5322b8ba28c70aea4a5197c93a39d479dc48674dcdc4c0423','984564a7-a421-459b-817b-c12c30d94219','ra4h238848','WordPress',X'7b224e616d65223a2272656675736564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2272613468323338383438222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-26fc-7958-b67a-a406d6924c15',1795426800000000);
INSERT INTO review VALUES('01a229cd-2701-77a4-a131-08500445ee2e','01a229cd-2700-7efc-8dc9-5a34f674a8a4','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"cancelled","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','474f5f63f77cb907c64c8adf2b4882de15ad11b34b0b40d0f217e32b9f8c5159','20ba3153-601c-4ba3-9a23-c19af4918b02','cwqzqeky7f','WordPress',X'7b224e616d65223a2263616e63656c6c6564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a226377717a71656b793766222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-2702-75e0-b1db-f3a520d82e1e',1795426800000000);
INSERT INTO review VALUES('01a229cd-2705-706b-8950-a4b9274c5ba5','01a229cd-2704-7867-8ba1-36631fb1933e','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"expired","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','39f6e83e3544d9df48b79e274a69811597890f190d05c79fa01eda1d306f4a02','70279e27-6f08-418a-a6a8-361fe788c510','s53cqbydtd','WordPress',X'7b224e616d65223a2265787069726564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2273353363716279647464222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-2705-7db4-a78d-c1f8d71a1635',1795426800000000);
INSERT INTO review VALUES('01a229cd-2924-7dd0-85b3-46c5ab59942a','01a229cd-2923-7d23-a0d6-33ffe9f03b9c','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"ordered","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','317639bea8e140e34d53e2a2e4bea4ac836784b653227bba1d1d57748640de01','252c324b-20c0-41e2-b790-8a0fca0f9d39','cizfxtibbb','WordPress',X'7b224e616d65223a226f726465726564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2263697a66787469626262222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-2926-79b3-ba5b-08f698d17a80',1795427160000000);
INSERT INTO review VALUES('01a229cd-292e-7078-aff6-232bdbfe8a5b','01a229cd-292d-75fc-a880-481500f66f63','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"awaiting","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','f3415c3a51575267f16975dfe7d0051ad90a822a13cdd4877bb3d75e976c5eba','748c48d2-e0c5-400a-91a6-07376cb8863a','hguhxfx24a','WordPress',X'7b224e616d65223a226177616974696e67222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2268677568786678323461222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-292f-7277-800d-411efb28c673',1795427160000000);
INSERT INTO review VALUES('01a229cd-2937-7d03-9c7f-992a72c415fb','01a229cd-2937-72cf-979d-39a3a311dc4c','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"delivering","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','7ac1f08ce6829e2d89506cc6aa2bf39f6a7e5b178b4d96dfc0b3b916ca5166de','49b4e572-e959-4356-bf2c-6c8e3a713583','35rdrvpavk','WordPress',X'7b224e616d65223a2264656c69766572696e67222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a223335726472767061766b222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-2939-76b9-947d-844d4fffe39d',1795427160000000);
INSERT INTO review VALUES('01a229cd-2958-726a-913f-3d9570dd5c51','01a229cd-2957-7a4f-b67b-8f4b1a120302','p-buyer','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"paying","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','f6f83467253b955fcdb7c3fad6c63d0d3eb3e41595d95be7b2ca9d21d87cdd78','48f2fdd7-80e1-441b-9509-246fecfb75cc','syv6dcjaeu','WordPress',X'7b224e616d65223a22706179696e67222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a227379763664636a616575222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-2959-713f-8a8b-2dedae32c065',1795427180000000);
INSERT INTO review VALUES('01a229cd-2963-71d5-8cae-3c4343055095','01a229cd-2962-7996-8098-5918df446681','p-buyer','{"account_id":"acc-4","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"unknown","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','be5f31dbc65e19a78a40af30630fcaeffb23dd038bf09af7b70cdc4617ae6e47','258c9de3-1eb7-421b-a431-c3f4c550ed2c','twjiai2r5t','WordPress',X'7b224e616d65223a22756e6b6e6f776e222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2274776a69616932723574222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-2964-709f-9b07-d46d7749f3b5',1795427180000000);
INSERT INTO review VALUES('01a229cd-2969-7d34-994d-0bf9b603bb99','01a229cd-2969-71df-b5fb-5b85660ca242','p-buyer','{"account_id":"acc-5","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"sending","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','8fb12b01d6dcb1bcbdcb2f83fb79a1cf8efb1a40e3697e8a189c67a52b3c3d80','4a604a77-3011-4a15-b559-e711cc1f70ce','47bybtkkgj','WordPress',X'7b224e616d65223a2273656e64696e67222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a223437627962746b6b676a222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-296a-7d00-aadb-41c260b6793a',1795427180000000);
INSERT INTO review VALUES('01a229cd-296f-71ab-9595-25b6b2fb75d6','01a229cd-296e-78de-b69f-7cb6bf21b766','p-buyer','{"account_id":"acc-6","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"confirmed","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','8eaa78f23eea6f5ec0bd4bc5dd68dab174d51f4e97713eb399af7eede488a6ea','b198790b-f9d8-4785-bdb9-4fe534c5f004','6aheuss8g8','WordPress',X'7b224e616d65223a22636f6e6669726d6564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2236616865757373386738222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','01a229cd-2970-706d-a004-42061354c85b',1795427180000000);
INSERT INTO review VALUES('01a229cd-2971-7d32-902a-7834cb2a041f','01a229cd-2971-7529-9ae8-44138ed9a15c','p-buyer','{"account_id":"acc-7","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"open-review","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','68391f3b0247de4bdbf3f2800690de564bc9d46b2116b8ab63b59e462365caaa','0652ffe6-22a3-4866-b13e-237bf1cd1276','3yzprh56nq','WordPress',X'7b224e616d65223a226f70656e2d726576696577222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2233797a70726835366e71222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances','','',1795427180000000);
CREATE TABLE purchase (
    id                  TEXT PRIMARY KEY,
    account_id          TEXT   NOT NULL,
    sandbox             BIGINT NOT NULL,
    person_id           TEXT   NOT NULL,
    person_name         TEXT   NOT NULL,
    review_id           TEXT   NOT NULL UNIQUE,
    request             TEXT   NOT NULL, -- JSON
    hash                TEXT   NOT NULL,
    price_key           TEXT   NOT NULL, -- equal for requests that cost the same
    name                TEXT   NOT NULL, -- of the instance
    search              TEXT   NOT NULL, -- lower case: what a search looks at
    state               TEXT   NOT NULL CHECK (state IN ('confirmed', 'sending', 'refused', 'expired', 'cancelled', 'unknown', 'needs human',
                            'not found', 'ordered', 'awaiting payment', 'paying', 'delivering', 'delivered', 'partly delivered', 'closed')),
    state_us            BIGINT NOT NULL, -- since when
    reason              TEXT   NOT NULL, -- JSON of a message, '' for none
    code                TEXT   NOT NULL,
    request_id          TEXT   NOT NULL,
    detail              TEXT   NOT NULL,
    client_request_id   TEXT   NOT NULL UNIQUE, -- of the last attempt
    intent_tag          TEXT   NOT NULL,
    cloud_order_id      TEXT   NOT NULL,
    answered_ids        TEXT   NOT NULL, -- JSON
    cloud_status        BIGINT NOT NULL,
    cloud_read_us       BIGINT NOT NULL,
    amount              TEXT   NOT NULL, -- '' for not known
    official            TEXT   NOT NULL,
    currency            TEXT   NOT NULL,
    cap                 TEXT   NOT NULL,
    cap_currency        TEXT   NOT NULL,
    pay_by_us           BIGINT NOT NULL,
    paid_us             BIGINT NOT NULL,
    pay_asked_us        BIGINT NOT NULL, -- somebody pressed Pay
    pay_asked_by        TEXT   NOT NULL,
    pay_sends           BIGINT NOT NULL,
    pay_sent_us         BIGINT NOT NULL,
    cancel_asked_us     BIGINT NOT NULL,
    cancel_asked_by     TEXT   NOT NULL,
    cancel_sends        BIGINT NOT NULL,
    delivered           TEXT   NOT NULL, -- JSON
    missing             TEXT   NOT NULL, -- JSON
    candidates          TEXT   NOT NULL, -- JSON
    expires_us          BIGINT NOT NULL,
    sent_us             BIGINT NOT NULL,
    ended_us            BIGINT NOT NULL,
    checks              BIGINT NOT NULL,
    last_check_us       BIGINT NOT NULL,
    next_check_us       BIGINT NOT NULL,
    check_until_us      BIGINT NOT NULL,
    lock_lifted         BIGINT NOT NULL,
    repeat_of           TEXT   NOT NULL,
    created_us          BIGINT NOT NULL,
    generation          BIGINT NOT NULL, -- lease generation of the claim that sent it
    rev                 BIGINT NOT NULL
);
INSERT INTO purchase VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a','acc-2',0,'p-buyer','Kerem','01a229cd-2551-7ceb-b0aa-4a10950135d3','{"account_id":"acc-2","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"not-found","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','0f34839180bdfad582ca9ebe83fdc96d377db0e808d7e4ba5da136ab109c43dd','22991d01250189709e2c7cb8fbf3dce8a833252da804395e7de931602754435e','not-found',replace('01a229cd-2557-74eb-bfca-b42094c7e97a\nnot-found\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'not found',1795426140000000,'{"id":"order.notfound"}','','','','d73eef59-b7e9-4d9d-a7fe-5fda0d5e4499','wjnkauecip','','',0,0,'','','','','',0,0,0,'',0,0,0,'',0,'','','',1795425540000000,1795425240000000,0,7,1795426140000000,1795429740000000,1795512540000000,0,'',1795425240000000,1,10);
INSERT INTO purchase VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b','acc-3',0,'p-buyer','Kerem','01a229cd-256e-7485-ad5d-f0c1cb67442d','{"account_id":"acc-3","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"needs-human","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','a62edc9ea36c72c3057fdd63528c3c5b8d3180a041c9a5b4ed263143c7ea0c15','b7e1ac6a8262c0a70ed717a08e9cc488dcea8aeca9856d3c439551ea3a674bb1','needs-human',replace('01a229cd-256f-7a88-8671-f11e0a395d7b\nneeds-human\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'needs human',1795425255000000,'{"id":"order.human","values":{"N":"2"}}','','','','108d8919-41f8-4220-9227-efb37adbac56','reqdmgpt2g','','',0,0,'','','','','',0,0,0,'',0,0,0,'',0,'','','[{"CloudOrderID":"CS000000000001","Status":6,"CreatedAt":"2026-11-23T09:14:00Z","Amount":{"Amount":"12.4","Currency":"USD"},"Quantity":1,"Names":null,"Spec":"hf.large.2.30m.linux","Region":"","Why":["period","quantity","spec","time"],"Ignored":false,"CancelAsked":false,"CancelSends":0,"Cancelled":false},{"CloudOrderID":"CS9","Status":6,"CreatedAt":"2026-11-23T09:14:00Z","Amount":{"Amount":"12.4","Currency":"USD"},"Quantity":1,"Names":null,"Spec":"hf.large.2.30m.linux","Region":"","Why":["period","quantity","spec","time"],"Ignored":false,"CancelAsked":false,"CancelSends":0,"Cancelled":false}]',1795425540000000,1795425240000000,0,1,1795425255000000,1795428855000000,1795426140000000,0,'',1795425240000000,1,4);
INSERT INTO purchase VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87','acc-1',0,'p-buyer','Kerem','01a229cd-25c6-7d18-9c2b-15b7d330f193','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"delivered","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','8f28ee99726227ba847f3cbd8c2d1c12c154e0cb6528c0cb9350fbbc2ab82434','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','delivered',replace('01a229cd-25c7-7eab-bb21-cd32f476bf87\ndelivered\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'delivered',1795426265000000,'','','','','eeb9b578-8994-41e7-821a-baa0d2d2b1cd','8f35vwrsbt','CS000000000003','["i0000000000301"]',5,1795426265000000,'12.4','12.4','USD','100','USD',1796031060000000,1795426260000000,0,'',1,1795426260000000,0,'',0,'[{"InstanceID":"i0000000000301","Name":"delivered","ServerID":"","Address":"","State":"","Expires":"2026-12-23T09:31:00Z","Ready":false}]','','',1795426560000000,1795426260000000,1795426265000000,0,0,0,0,0,'',1795426260000000,1,8);
INSERT INTO purchase VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4','acc-1',0,'p-buyer','Kerem','01a229cd-2609-762f-88a9-03504cf026b3','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"partly","description":"","quantity":2,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','f2ff3a7a20b1a405e51cde82193c8d21aaf2b05a067547f11e2b2dc2611e217b','a3e197c1c362b95d31fff2380f3a1d91d489a29944e7fe70b7b23a76317ed641','partly',replace('01a229cd-260c-79e9-8e42-9d6bd99ba9e4\npartly\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'partly delivered',1795426625000000,'{"id":"order.partly","values":{"N":"1","Of":"2"}}','','','','3fafdfe7-4189-42d6-85f2-0313929ae593','gr96t6aheb','CS000000000004','["i0000000000401","i0000000000402"]',5,1795427180000000,'12.4','12.4','USD','100','USD',1796031120000000,1795426320000000,0,'',1,1795426320000000,0,'',0,'[{"InstanceID":"i0000000000401","Name":"partly-0001","ServerID":"","Address":"","State":"","Expires":"2026-12-23T09:32:00Z","Ready":false}]','["i0000000000402"]','',1795426620000000,1795426320000000,0,0,0,0,0,0,'',1795426320000000,1,81);
INSERT INTO purchase VALUES('01a229cd-26e5-74c0-9223-4ec959157beb','acc-1',0,'p-buyer','Kerem','01a229cd-26e4-73ed-a787-d5aa14baa81f','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"closed","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','04ff5b55b579df852e57fc13b91e1ad6bb875347eac1cdd5b0b4ac6dbfcfbf62','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','closed',replace('01a229cd-26e5-74c0-9223-4ec959157beb\nclosed\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'closed',1795426745000000,'{"id":"order.closed.unpaid"}','','req-CS000000000005','','9b56031a-7b65-4771-a79a-693bd9b9deaa','idx2q4whdh','CS000000000005','["i0000000000501"]',4,1795426745000000,'12.4','12.4','USD','','',1796031540000000,0,0,'',0,0,0,'',0,'','','',1795427040000000,1795426740000000,1795426745000000,0,0,0,0,0,'',1795426740000000,1,6);
INSERT INTO purchase VALUES('01a229cd-26fc-7958-b67a-a406d6924c15','acc-1',0,'p-buyer','Kerem','01a229cd-26fb-7ae6-9385-8d1570b051bb','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"refused","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','5f066c792819ddb5322b8ba28c70aea4a5197c93a39d479dc48674dcdc4c0423','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','refused',replace('01a229cd-26fc-7958-b67a-a406d6924c15\nrefused\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'refused',1795426800000000,'{"id":"order.refused.soldout","values":{"Detail":"the cloud''s words"}}','HCSS.14000010','req-no','the cloud''s words','984564a7-a421-459b-817b-c12c30d94219','ra4h238848','','',0,0,'','','','','',0,0,0,'',0,0,0,'',0,'','','',1795427100000000,1795426800000000,1795426800000000,0,0,0,0,0,'',1795426800000000,1,3);
INSERT INTO purchase VALUES('01a229cd-2702-75e0-b1db-f3a520d82e1e','acc-1',0,'p-buyer','Kerem','01a229cd-2701-77a4-a131-08500445ee2e','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"cancelled","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','474f5f63f77cb907c64c8adf2b4882de15ad11b34b0b40d0f217e32b9f8c5159','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','cancelled',replace('01a229cd-2702-75e0-b1db-f3a520d82e1e\ncancelled\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'cancelled',1795426800000000,'{"id":"order.cancelled.queued"}','','','','20ba3153-601c-4ba3-9a23-c19af4918b02','cwqzqeky7f','','',0,0,'','','','','',0,0,0,'',0,0,0,'',0,'','','',1795427100000000,0,1795426800000000,0,0,0,0,0,'',1795426800000000,0,2);
INSERT INTO purchase VALUES('01a229cd-2705-7db4-a78d-c1f8d71a1635','acc-1',0,'p-buyer','Kerem','01a229cd-2705-706b-8950-a4b9274c5ba5','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"expired","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','39f6e83e3544d9df48b79e274a69811597890f190d05c79fa01eda1d306f4a02','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','expired',replace('01a229cd-2705-7db4-a78d-c1f8d71a1635\nexpired\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'expired',1795427100000000,'{"id":"order.expired.disk"}','','','','70279e27-6f08-418a-a6a8-361fe788c510','s53cqbydtd','','',0,0,'','','','','',0,0,0,'',0,0,0,'',0,'','','',1795427100000000,0,1795427100000000,0,0,0,0,0,'',1795426800000000,0,3);
INSERT INTO purchase VALUES('01a229cd-2926-79b3-ba5b-08f698d17a80','acc-1',0,'p-buyer','Kerem','01a229cd-2924-7dd0-85b3-46c5ab59942a','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"ordered","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','317639bea8e140e34d53e2a2e4bea4ac836784b653227bba1d1d57748640de01','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','ordered',replace('01a229cd-2926-79b3-ba5b-08f698d17a80\nordered\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'ordered',1795427160000000,'','','req-CS000000000006','','252c324b-20c0-41e2-b790-8a0fca0f9d39','cizfxtibbb','CS000000000006','["i0000000000601"]',0,0,'','','','100','USD',0,0,0,'',0,0,0,'',0,'','','',1795427460000000,1795427160000000,0,0,0,0,0,0,'',1795427160000000,1,3);
INSERT INTO purchase VALUES('01a229cd-292f-7277-800d-411efb28c673','acc-1',0,'p-buyer','Kerem','01a229cd-292e-7078-aff6-232bdbfe8a5b','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"awaiting","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','f3415c3a51575267f16975dfe7d0051ad90a822a13cdd4877bb3d75e976c5eba','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','awaiting',replace('01a229cd-292f-7277-800d-411efb28c673\nawaiting\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'awaiting payment',1795427160000000,'','','req-CS000000000007','','748c48d2-e0c5-400a-91a6-07376cb8863a','hguhxfx24a','CS000000000007','["i0000000000701"]',6,1795427180000000,'12.4','12.4','USD','','',1796031960000000,0,0,'',0,0,0,'',0,'','','',1795427460000000,1795427160000000,0,0,0,0,0,0,'',1795427160000000,1,9);
INSERT INTO purchase VALUES('01a229cd-2939-76b9-947d-844d4fffe39d','acc-1',0,'p-buyer','Kerem','01a229cd-2937-7d03-9c7f-992a72c415fb','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"delivering","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','7ac1f08ce6829e2d89506cc6aa2bf39f6a7e5b178b4d96dfc0b3b916ca5166de','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','delivering',replace('01a229cd-2939-76b9-947d-844d4fffe39d\ndelivering\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'delivering',1795427165000000,'','','','','49b4e572-e959-4356-bf2c-6c8e3a713583','35rdrvpavk','CS000000000008','["i0000000000801"]',3,1795427180000000,'12.4','12.4','USD','100','USD',1796031960000000,1795427160000000,0,'',1,1795427160000000,0,'',0,'','','',1795427460000000,1795427160000000,0,0,0,0,0,0,'',1795427160000000,1,11);
INSERT INTO purchase VALUES('01a229cd-2959-713f-8a8b-2dedae32c065','acc-1',0,'p-buyer','Kerem','01a229cd-2958-726a-913f-3d9570dd5c51','{"account_id":"acc-1","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"paying","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"atmost","cap":{"Amount":"100","Currency":"USD"},"data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','f6f83467253b955fcdb7c3fad6c63d0d3eb3e41595d95be7b2ca9d21d87cdd78','572fe53125373d0b9e488d90d255b21b39e5b03a48f2a0974c31fbb670d47e34','paying',replace('01a229cd-2959-713f-8a8b-2dedae32c065\npaying\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'paying',1795427180000000,'','','','','48f2fdd7-80e1-441b-9509-246fecfb75cc','syv6dcjaeu','CS000000000009','["i0000000000901"]',6,1795427180000000,'12.4','12.4','USD','100','USD',1796031980000000,0,0,'',1,1795427180000000,0,'',0,'','','',1795427480000000,1795427180000000,0,0,0,0,0,0,'',1795427180000000,1,6);
INSERT INTO purchase VALUES('01a229cd-2964-709f-9b07-d46d7749f3b5','acc-4',0,'p-buyer','Kerem','01a229cd-2963-71d5-8cae-3c4343055095','{"account_id":"acc-4","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"unknown","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','be5f31dbc65e19a78a40af30630fcaeffb23dd038bf09af7b70cdc4617ae6e47','678fd7a33d4c2610bcc72b30824824cb93439dc8eef3e8c9df35a1fc28342d71','unknown',replace('01a229cd-2964-709f-9b07-d46d7749f3b5\nunknown\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'unknown',1795427180000000,'{"id":"order.unknown.silence"}','','','','258c9de3-1eb7-421b-a431-c3f4c550ed2c','twjiai2r5t','','',0,0,'','','','','',0,0,0,'',0,0,0,'',0,'','','',1795427480000000,1795427180000000,0,0,0,1795427195000000,1795428080000000,0,'',1795427180000000,1,3);
INSERT INTO purchase VALUES('01a229cd-296a-7d00-aadb-41c260b6793a','acc-5',0,'p-buyer','Kerem','01a229cd-2969-7d34-994d-0bf9b603bb99','{"account_id":"acc-5","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"sending","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','8fb12b01d6dcb1bcbdcb2f83fb79a1cf8efb1a40e3697e8a189c67a52b3c3d80','5cf2adc3f11475102a1cc739db9e549cbee01f473d83ca92905ce62772ff5038','sending',replace('01a229cd-296a-7d00-aadb-41c260b6793a\nsending\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'sending',1795427180000000,'','','','','4a604a77-3011-4a15-b559-e711cc1f70ce','47bybtkkgj','','',0,0,'','','','','',0,0,0,'',0,0,0,'',0,'','','',1795427480000000,1795427180000000,0,0,0,0,0,0,'',1795427180000000,1,2);
INSERT INTO purchase VALUES('01a229cd-2970-706d-a004-42061354c85b','acc-6',0,'p-buyer','Kerem','01a229cd-296f-71ab-9595-25b6b2fb75d6','{"account_id":"acc-6","image":{"kind":"application","id":"wordpress","name":"WordPress","version":"6.4","os":"linux","send":["WordPress"]},"spec":"hf.large.2.30m.linux","region":"ap-southeast-3","name":"confirmed","description":"","quantity":1,"period_unit":"month","period_num":1,"auto_renew":false,"payment":"exact","data_disk_gib":0,"backup_gib":0,"host_security":false,"tags":null}','8eaa78f23eea6f5ec0bd4bc5dd68dab174d51f4e97713eb399af7eede488a6ea','8a49c8da710b1ce18dde68285e68dbe7fa5655f0a309979c89aa1898b0e04068','confirmed',replace('01a229cd-2970-706d-a004-42061354c85b\nconfirmed\nwordpress\nwordpress\n6.4\nhf.large.2.30m.linux\nap-southeast-3\nkerem\norchid','\n',char(10)),'confirmed',1795427180000000,'','','','','b198790b-f9d8-4785-bdb9-4fe534c5f004','6aheuss8g8','','',0,0,'','','','','',0,0,0,'',0,0,0,'',0,'','','',1795427480000000,0,0,0,0,0,0,0,'',1795427180000000,0,1);
CREATE TABLE purchase_event (
    purchase_id TEXT   NOT NULL REFERENCES purchase (id),
    n           BIGINT NOT NULL,
    at_us       BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    message     TEXT   NOT NULL, -- JSON
    person      TEXT   NOT NULL,
    PRIMARY KEY (purchase_id, n)
);
INSERT INTO purchase_event VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',1,1795425240000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',2,1795425240000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',3,1795425240000000,'unknown','{"id":"order.unknown.silence"}','');
INSERT INTO purchase_event VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',1,1795425240000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',2,1795425240000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',3,1795425240000000,'unknown','{"id":"order.unknown.silence"}','');
INSERT INTO purchase_event VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',4,1795425255000000,'needs human','{"id":"order.human","values":{"N":"2"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',4,1795426140000000,'not found','{"id":"order.notfound"}','');
INSERT INTO purchase_event VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',1,1795426260000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',2,1795426260000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',3,1795426260000000,'ordered','{"id":"order_event.ordered","values":{"CloudOrder":"CS000000000003"}}','');
INSERT INTO purchase_event VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',4,1795426260000000,'awaiting payment','{"id":"order_event.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',5,1795426260000000,'paying','{"id":"order_event.paying","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',6,1795426265000000,'delivering','{"id":"order_event.paid.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',7,1795426265000000,'delivering','{"id":"order_event.created","values":{"N":"1","Of":"1"}}','');
INSERT INTO purchase_event VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',8,1795426265000000,'delivered','{"id":"order_event.delivered","values":{"N":"1","Of":"1"}}','');
INSERT INTO purchase_event VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',1,1795426320000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',2,1795426320000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',3,1795426320000000,'ordered','{"id":"order_event.ordered","values":{"CloudOrder":"CS000000000004"}}','');
INSERT INTO purchase_event VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',4,1795426320000000,'awaiting payment','{"id":"order_event.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',5,1795426320000000,'paying','{"id":"order_event.paying","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',6,1795426325000000,'delivering','{"id":"order_event.paid.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',7,1795426325000000,'delivering','{"id":"order_event.created","values":{"N":"1","Of":"2"}}','');
INSERT INTO purchase_event VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',8,1795426625000000,'partly delivered','{"id":"order.partly","values":{"N":"1","Of":"2"}}','');
INSERT INTO purchase_event VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',1,1795426740000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',2,1795426740000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',3,1795426740000000,'ordered','{"id":"order_event.ordered","values":{"CloudOrder":"CS000000000005"}}','');
INSERT INTO purchase_event VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',4,1795426740000000,'awaiting payment','{"id":"order_event.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',5,1795426745000000,'closed','{"id":"order.closed.unpaid"}','');
INSERT INTO purchase_event VALUES('01a229cd-26fc-7958-b67a-a406d6924c15',1,1795426800000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-26fc-7958-b67a-a406d6924c15',2,1795426800000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-26fc-7958-b67a-a406d6924c15',3,1795426800000000,'refused','{"id":"order.refused.soldout","values":{"Detail":"the cloud''s words"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2702-75e0-b1db-f3a520d82e1e',1,1795426800000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-2702-75e0-b1db-f3a520d82e1e',2,1795426800000000,'cancelled','{"id":"order_event.cancelled.queued"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-2705-7db4-a78d-c1f8d71a1635',1,1795426800000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-2705-7db4-a78d-c1f8d71a1635',2,1795426800000000,'confirmed','{"id":"order.held.disk"}','');
INSERT INTO purchase_event VALUES('01a229cd-2705-7db4-a78d-c1f8d71a1635',3,1795427100000000,'expired','{"id":"order.expired.disk"}','');
INSERT INTO purchase_event VALUES('01a229cd-2926-79b3-ba5b-08f698d17a80',1,1795427160000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-2926-79b3-ba5b-08f698d17a80',2,1795427160000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-2926-79b3-ba5b-08f698d17a80',3,1795427160000000,'ordered','{"id":"order_event.ordered","values":{"CloudOrder":"CS000000000006"}}','');
INSERT INTO purchase_event VALUES('01a229cd-292f-7277-800d-411efb28c673',1,1795427160000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-292f-7277-800d-411efb28c673',2,1795427160000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-292f-7277-800d-411efb28c673',3,1795427160000000,'ordered','{"id":"order_event.ordered","values":{"CloudOrder":"CS000000000007"}}','');
INSERT INTO purchase_event VALUES('01a229cd-292f-7277-800d-411efb28c673',4,1795427160000000,'awaiting payment','{"id":"order_event.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',1,1795427160000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',2,1795427160000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',3,1795427160000000,'ordered','{"id":"order_event.ordered","values":{"CloudOrder":"CS000000000008"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',4,1795427160000000,'awaiting payment','{"id":"order_event.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',5,1795427160000000,'paying','{"id":"order_event.paying","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',6,1795427165000000,'delivering','{"id":"order_event.paid.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',1,1795427180000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',2,1795427180000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',3,1795427180000000,'ordered','{"id":"order_event.ordered","values":{"CloudOrder":"CS000000000009"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',4,1795427180000000,'awaiting payment','{"id":"order_event.amount","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',5,1795427180000000,'paying','{"id":"order_event.paying","values":{"Money":"12.4 USD"}}','');
INSERT INTO purchase_event VALUES('01a229cd-2964-709f-9b07-d46d7749f3b5',1,1795427180000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-2964-709f-9b07-d46d7749f3b5',2,1795427180000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-2964-709f-9b07-d46d7749f3b5',3,1795427180000000,'unknown','{"id":"order.unknown.silence"}','');
INSERT INTO purchase_event VALUES('01a229cd-296a-7d00-aadb-41c260b6793a',1,1795427180000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
INSERT INTO purchase_event VALUES('01a229cd-296a-7d00-aadb-41c260b6793a',2,1795427180000000,'sending','{"id":"order_event.sent"}','');
INSERT INTO purchase_event VALUES('01a229cd-2970-706d-a004-42061354c85b',1,1795427180000000,'confirmed','{"id":"order_event.recorded"}','Kerem');
CREATE TABLE purchase_attempt (
    purchase_id       TEXT   NOT NULL REFERENCES purchase (id),
    n                 BIGINT NOT NULL,
    client_request_id TEXT   NOT NULL UNIQUE,
    image_name        TEXT   NOT NULL,
    body              BLOB   NOT NULL,
    url               TEXT   NOT NULL,
    sent_us           BIGINT NOT NULL,
    answered_us       BIGINT NOT NULL, -- 0: no answer recorded
    outcome           TEXT   NOT NULL, -- '', 'ordered', 'refused', 'unknown'
    status            BIGINT NOT NULL,
    code              TEXT   NOT NULL,
    request_id        TEXT   NOT NULL,
    PRIMARY KEY (purchase_id, n)
);
INSERT INTO purchase_attempt VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',1,'d73eef59-b7e9-4d9d-a7fe-5fda0d5e4499','WordPress',X'7b224e616d65223a226e6f742d666f756e64222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a22776a6e6b617565636970222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795425240000000,1795425240000000,'unknown',0,'','');
INSERT INTO purchase_attempt VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',1,'108d8919-41f8-4220-9227-efb37adbac56','WordPress',X'7b224e616d65223a226e656564732d68756d616e222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a22726571646d6770743267222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795425240000000,1795425240000000,'unknown',0,'','');
INSERT INTO purchase_attempt VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',1,'eeb9b578-8994-41e7-821a-baa0d2d2b1cd','WordPress',X'7b224e616d65223a2264656c697665726564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2238663335767772736274222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795426260000000,1795426260000000,'ordered',202,'','req-CS000000000003');
INSERT INTO purchase_attempt VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',1,'3fafdfe7-4189-42d6-85f2-0313929ae593','WordPress',X'7b224e616d65223a22706172746c79222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2267723936743661686562222c22556e6974223a226d6f6e7468222c225175616e74697479223a322c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795426320000000,1795426320000000,'ordered',202,'','req-CS000000000004');
INSERT INTO purchase_attempt VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',1,'9b56031a-7b65-4771-a79a-693bd9b9deaa','WordPress',X'7b224e616d65223a22636c6f736564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2269647832713477686468222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795426740000000,1795426740000000,'ordered',202,'','req-CS000000000005');
INSERT INTO purchase_attempt VALUES('01a229cd-26fc-7958-b67a-a406d6924c15',1,'984564a7-a421-459b-817b-c12c30d94219','WordPress',X'7b224e616d65223a2272656675736564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2272613468323338383438222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795426800000000,1795426800000000,'refused',400,'HCSS.14000010','req-no');
INSERT INTO purchase_attempt VALUES('01a229cd-2926-79b3-ba5b-08f698d17a80',1,'252c324b-20c0-41e2-b790-8a0fca0f9d39','WordPress',X'7b224e616d65223a226f726465726564222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2263697a66787469626262222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795427160000000,1795427160000000,'ordered',202,'','req-CS000000000006');
INSERT INTO purchase_attempt VALUES('01a229cd-292f-7277-800d-411efb28c673',1,'748c48d2-e0c5-400a-91a6-07376cb8863a','WordPress',X'7b224e616d65223a226177616974696e67222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2268677568786678323461222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795427160000000,1795427160000000,'ordered',202,'','req-CS000000000007');
INSERT INTO purchase_attempt VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',1,'49b4e572-e959-4356-bf2c-6c8e3a713583','WordPress',X'7b224e616d65223a2264656c69766572696e67222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a223335726472767061766b222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795427160000000,1795427160000000,'ordered',202,'','req-CS000000000008');
INSERT INTO purchase_attempt VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',1,'48f2fdd7-80e1-441b-9509-246fecfb75cc','WordPress',X'7b224e616d65223a22706179696e67222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a227379763664636a616575222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795427180000000,1795427180000000,'ordered',202,'','req-CS000000000009');
INSERT INTO purchase_attempt VALUES('01a229cd-2964-709f-9b07-d46d7749f3b5',1,'258c9de3-1eb7-421b-a431-c3f4c550ed2c','WordPress',X'7b224e616d65223a22756e6b6e6f776e222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a2274776a69616932723574222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795427180000000,1795427180000000,'unknown',0,'','');
INSERT INTO purchase_attempt VALUES('01a229cd-296a-7d00-aadb-41c260b6793a',1,'4a604a77-3011-4a15-b559-e711cc1f70ce','WordPress',X'7b224e616d65223a2273656e64696e67222c22496d616765223a22576f72645072657373222c2253706563223a2268662e6c617267652e322e33306d2e6c696e7578222c22546167223a223437627962746b6b676a222c22556e6974223a226d6f6e7468222c225175616e74697479223a312c224e756d223a312c224175746f506179223a66616c73657d','https://hcss.example/v1/light-instances',1795427180000000,0,'',0,'','');
CREATE TABLE purchase_exchange (
    purchase_id       TEXT   NOT NULL REFERENCES purchase (id),
    n                 BIGINT NOT NULL,
    at_us             BIGINT NOT NULL,
    call              TEXT   NOT NULL,
    method            TEXT   NOT NULL,
    path              TEXT   NOT NULL,
    host              TEXT   NOT NULL,
    client_request_id TEXT   NOT NULL,
    request_id        TEXT   NOT NULL,
    status            BIGINT NOT NULL,
    code              TEXT   NOT NULL,
    sent              BIGINT NOT NULL,
    took_us           BIGINT NOT NULL,
    PRIMARY KEY (purchase_id, n)
);
INSERT INTO purchase_exchange VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',1,1795425240000000,'purchase','POST','/v1/light-instances','hcss.example','d73eef59-b7e9-4d9d-a7fe-5fda0d5e4499','',0,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',1,1795425240000000,'purchase','POST','/v1/light-instances','hcss.example','108d8919-41f8-4220-9227-efb37adbac56','',0,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',2,1795425255000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',3,1795425255000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',1,1795426260000000,'purchase','POST','/v1/light-instances','hcss.example','eeb9b578-8994-41e7-821a-baa0d2d2b1cd','req-CS000000000003',202,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',2,1795426260000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',3,1795426260000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',4,1795426265000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',5,1795426265000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',1,1795426320000000,'purchase','POST','/v1/light-instances','hcss.example','3fafdfe7-4189-42d6-85f2-0313929ae593','req-CS000000000004',202,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',2,1795426320000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',3,1795426320000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',4,1795426325000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',5,1795426325000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',6,1795426330000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',7,1795426335000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',8,1795426340000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',9,1795426345000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',10,1795426350000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',11,1795426355000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',12,1795426360000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',13,1795426365000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',14,1795426370000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',15,1795426375000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',16,1795426380000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',17,1795426385000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',18,1795426400000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',19,1795426415000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',20,1795426430000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',21,1795426445000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',22,1795426460000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',23,1795426475000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',24,1795426490000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',25,1795426505000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',26,1795426520000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',27,1795426535000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',28,1795426550000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',29,1795426565000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',30,1795426580000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',31,1795426595000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',32,1795426610000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',33,1795426625000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',34,1795426630000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',35,1795426635000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',36,1795426640000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',37,1795426645000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',38,1795426650000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',39,1795426655000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',40,1795426660000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',41,1795426665000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',42,1795426670000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',43,1795426675000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',44,1795426680000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',45,1795426685000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',46,1795426700000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',47,1795426715000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',48,1795426730000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',1,1795426740000000,'purchase','POST','/v1/light-instances','hcss.example','9b56031a-7b65-4771-a79a-693bd9b9deaa','req-CS000000000005',202,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',2,1795426740000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',3,1795426740000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',49,1795426745000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',4,1795426745000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',50,1795426760000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',51,1795426775000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',52,1795426790000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-26fc-7958-b67a-a406d6924c15',1,1795426800000000,'purchase','POST','/v1/light-instances','hcss.example','984564a7-a421-459b-817b-c12c30d94219','',400,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',53,1795426805000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',54,1795426820000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',55,1795426835000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',56,1795426850000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',57,1795426865000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',58,1795426880000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',59,1795426895000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',60,1795426910000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',61,1795426925000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',62,1795426940000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',63,1795426955000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',64,1795426970000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',65,1795426985000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',66,1795427000000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',67,1795427015000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',68,1795427030000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',69,1795427045000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',70,1795427060000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',71,1795427075000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',72,1795427090000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',73,1795427105000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',74,1795427120000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',75,1795427135000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',76,1795427150000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2926-79b3-ba5b-08f698d17a80',1,1795427160000000,'purchase','POST','/v1/light-instances','hcss.example','252c324b-20c0-41e2-b790-8a0fca0f9d39','req-CS000000000006',202,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-292f-7277-800d-411efb28c673',1,1795427160000000,'purchase','POST','/v1/light-instances','hcss.example','748c48d2-e0c5-400a-91a6-07376cb8863a','req-CS000000000007',202,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-292f-7277-800d-411efb28c673',2,1795427160000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-292f-7277-800d-411efb28c673',3,1795427160000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',1,1795427160000000,'purchase','POST','/v1/light-instances','hcss.example','49b4e572-e959-4356-bf2c-6c8e3a713583','req-CS000000000008',202,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',2,1795427160000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',3,1795427160000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',77,1795427165000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-292f-7277-800d-411efb28c673',4,1795427165000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',4,1795427165000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',5,1795427165000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-292f-7277-800d-411efb28c673',5,1795427170000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',6,1795427170000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-292f-7277-800d-411efb28c673',6,1795427175000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',7,1795427175000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',78,1795427180000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-292f-7277-800d-411efb28c673',7,1795427180000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',8,1795427180000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',1,1795427180000000,'purchase','POST','/v1/light-instances','hcss.example','48f2fdd7-80e1-441b-9509-246fecfb75cc','req-CS000000000009',202,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',2,1795427180000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',3,1795427180000000,'order','GET','','','','',200,'',1,0);
INSERT INTO purchase_exchange VALUES('01a229cd-2964-709f-9b07-d46d7749f3b5',1,1795427180000000,'purchase','POST','/v1/light-instances','hcss.example','258c9de3-1eb7-421b-a431-c3f4c550ed2c','',0,'',1,0);
CREATE TABLE purchase_check (
    purchase_id TEXT   NOT NULL REFERENCES purchase (id),
    n           BIGINT NOT NULL,
    at_us       BIGINT NOT NULL,
    conclusive  BIGINT NOT NULL, -- 0: a listing did not answer
    orders      BIGINT NOT NULL, -- orders seen in the window
    candidates  BIGINT NOT NULL, -- of them, such as may be ours
    message     TEXT   NOT NULL, -- JSON
    PRIMARY KEY (purchase_id, n)
);
INSERT INTO purchase_check VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',1,1795425255000000,1,0,0,'{"id":"order.check.none"}');
INSERT INTO purchase_check VALUES('01a229cd-256f-7a88-8671-f11e0a395d7b',1,1795425255000000,1,2,2,'{"id":"order.check.some","values":{"N":"2"}}');
INSERT INTO purchase_check VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',2,1795425270000000,1,0,0,'{"id":"order.check.none"}');
INSERT INTO purchase_check VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',3,1795425300000000,1,0,0,'{"id":"order.check.none"}');
INSERT INTO purchase_check VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',4,1795425360000000,1,0,0,'{"id":"order.check.none"}');
INSERT INTO purchase_check VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',5,1795425540000000,1,0,0,'{"id":"order.check.none"}');
INSERT INTO purchase_check VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',6,1795425840000000,1,0,0,'{"id":"order.check.none"}');
INSERT INTO purchase_check VALUES('01a229cd-2557-74eb-bfca-b42094c7e97a',7,1795426140000000,1,0,0,'{"id":"order.check.none"}');
CREATE TABLE purchase_amount (
    purchase_id TEXT   NOT NULL REFERENCES purchase (id),
    at_us       BIGINT NOT NULL,
    amount      TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    PRIMARY KEY (purchase_id, at_us)
);
INSERT INTO purchase_amount VALUES('01a229cd-25c7-7eab-bb21-cd32f476bf87',1795426260000000,'12.4','USD');
INSERT INTO purchase_amount VALUES('01a229cd-260c-79e9-8e42-9d6bd99ba9e4',1795426320000000,'12.4','USD');
INSERT INTO purchase_amount VALUES('01a229cd-26e5-74c0-9223-4ec959157beb',1795426740000000,'12.4','USD');
INSERT INTO purchase_amount VALUES('01a229cd-292f-7277-800d-411efb28c673',1795427160000000,'12.4','USD');
INSERT INTO purchase_amount VALUES('01a229cd-2939-76b9-947d-844d4fffe39d',1795427160000000,'12.4','USD');
INSERT INTO purchase_amount VALUES('01a229cd-2959-713f-8a8b-2dedae32c065',1795427180000000,'12.4','USD');
CREATE TABLE spelling (
    account_id TEXT   NOT NULL,
    image_id   TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (account_id, image_id)
);
CREATE TABLE instance (
    id             TEXT   NOT NULL, -- the cloud's
    account_id     TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    name_key       TEXT   NOT NULL, -- the name as it is compared and sorted
    region         TEXT   NOT NULL,
    spec           TEXT   NOT NULL,
    image          TEXT   NOT NULL,
    address        TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    task_state     TEXT   NOT NULL,
    frozen         BIGINT NOT NULL,
    server_id      TEXT   NOT NULL,
    server_name    TEXT   NOT NULL,
    package_id     TEXT   NOT NULL,
    cloud_order    TEXT   NOT NULL,
    auto_renew     BIGINT NOT NULL,
    expires_us     BIGINT NOT NULL,
    created_us     BIGINT NOT NULL,
    seen_config_us BIGINT NOT NULL,
    seen_ecs_us    BIGINT NOT NULL,
    seen_bss_us    BIGINT NOT NULL,
    updated_us     BIGINT NOT NULL,
    gone_us        BIGINT NOT NULL, listed TEXT NOT NULL DEFAULT '', parts TEXT NOT NULL DEFAULT '', billed TEXT NOT NULL DEFAULT '', config_sum BIGINT NOT NULL DEFAULT 0, bss_sum BIGINT NOT NULL DEFAULT 0, config_lost BIGINT NOT NULL DEFAULT 0, bss_lost BIGINT NOT NULL DEFAULT 0, missing_us BIGINT NOT NULL DEFAULT 0, outside TEXT NOT NULL DEFAULT '', -- 0: it is there
    PRIMARY KEY (account_id, id)
);
CREATE TABLE sync (
    account_id TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    ok_us      BIGINT NOT NULL,
    tried_us   BIGINT NOT NULL,
    trouble    TEXT   NOT NULL, -- message id, '' when the last try succeeded
    code       TEXT   NOT NULL,
    PRIMARY KEY (account_id, source)
);
CREATE TABLE private_image (
    account_id   TEXT   NOT NULL,
    region       TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    os           TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    min_disk_gib BIGINT NOT NULL,
    PRIMARY KEY (account_id, region, id)
);
CREATE TABLE server (
    id          TEXT   NOT NULL, -- the cloud's
    account_id  TEXT   NOT NULL,
    instance_id TEXT   NOT NULL, -- '' = not known
    facts       TEXT   NOT NULL, -- JSON
    sum         BIGINT NOT NULL,
    seen_us     BIGINT NOT NULL,
    lost        BIGINT NOT NULL,
    missing_us  BIGINT NOT NULL,
    outside     TEXT   NOT NULL, -- JSON
    updated_us  BIGINT NOT NULL,
    gone_us     BIGINT NOT NULL, -- 0: it is there
    PRIMARY KEY (account_id, id)
);
CREATE TABLE raw_answer (
    account_id TEXT   NOT NULL,
    source     BIGINT NOT NULL, -- 0 Config, 1 ECS, 2 billing
    id         TEXT   NOT NULL, -- of the instance or server
    at_us      BIGINT NOT NULL,
    body       BLOB   NOT NULL, -- deflated JSON
    PRIMARY KEY (account_id, source, id)
);
CREATE TABLE saved_view (
    id         TEXT   NOT NULL PRIMARY KEY,
    person_id  TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    list       TEXT   NOT NULL CHECK (list IN ('servers', 'instances')),
    name       TEXT   NOT NULL,
    fold       TEXT   NOT NULL, -- the name in lower case
    search     TEXT   NOT NULL,
    sort       TEXT   NOT NULL,
    shared     BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    UNIQUE (person_id, list, fold)
);
CREATE TABLE list_choice (
    person_id TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    list      TEXT   NOT NULL,
    columns   TEXT   NOT NULL, -- separated by spaces; '' = the usual ones
    roomy     BIGINT NOT NULL,
    per_page  BIGINT NOT NULL,
    PRIMARY KEY (person_id, list)
);
CREATE TABLE label (
    target TEXT NOT NULL, -- server's id, or the instance's while it has none
    label  TEXT NOT NULL,
    PRIMARY KEY (target, label)
);
CREATE TABLE selection (
    id        TEXT   NOT NULL PRIMARY KEY,
    person_id TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    list      TEXT   NOT NULL,
    source    TEXT   NOT NULL,
    search    TEXT   NOT NULL,
    ids       TEXT   NOT NULL, -- a line each
    unknown   TEXT   NOT NULL, -- a line each
    at_us     BIGINT NOT NULL
);
CREATE TABLE meter (
    package_id TEXT   NOT NULL PRIMARY KEY, -- the cloud's
    account_id TEXT   NOT NULL,
    n          BIGINT NOT NULL UNIQUE,      -- short, for the samples
    item       TEXT   NOT NULL,             -- billing's id, where it is another; '' = it is not
    read_us    BIGINT NOT NULL,             -- 0: never
    unit       BIGINT NOT NULL,             -- measure_id of a reading that cannot be counted; 0: it could
    use_us     BIGINT NOT NULL,             -- usage records were read; 0: never
    last       BLOB   NOT NULL,             -- the last sample, packed; empty: none
    marks      BLOB   NOT NULL              -- some of the last eight days, packed
, brief BLOB NOT NULL DEFAULT '');
CREATE TABLE traffic_hours (
    meter   BIGINT NOT NULL,
    day     BIGINT NOT NULL, -- since 1970, UTC
    samples BLOB   NOT NULL,
    PRIMARY KEY (meter, day)
);
CREATE TABLE traffic_days (
    meter   BIGINT NOT NULL,
    month   BIGINT NOT NULL, -- 12 × year + month − 1, UTC
    samples BLOB   NOT NULL,
    PRIMARY KEY (meter, month)
);
CREATE TABLE traffic_use (
    meter  BIGINT NOT NULL,
    day    BIGINT NOT NULL, -- since 1970, of the date in Beijing
    gb     TEXT   NOT NULL, -- decimal, as the cloud gave it
    PRIMARY KEY (meter, day)
);
CREATE TABLE probe (
    server_id  TEXT   NOT NULL PRIMARY KEY, -- the cloud's
    account_id TEXT   NOT NULL,
    address    TEXT   NOT NULL, -- what was dialled; another one makes the row void
    ports      TEXT   NOT NULL, -- JSON
    trouble    TEXT   NOT NULL, -- JSON: why a port could not be tried; '' = none
    at_us      BIGINT NOT NULL
);
CREATE TABLE packed (
    n          INTEGER NOT NULL PRIMARY KEY,
    account_id TEXT    NOT NULL,
    id         TEXT    NOT NULL, -- of the instance; of a server whose instance is not known
    body       BLOB    NOT NULL,
    UNIQUE (account_id, id)
);
CREATE TABLE packing (packing TEXT NOT NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',10);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX device_person ON device (person_id);
CREATE INDEX throttle_last ON throttle (last_us);
CREATE INDEX audit_person ON audit (person_id, seq);
CREATE INDEX audit_intent ON audit (intent, seq);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit rows are never changed');
END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit rows are never deleted');
END;
CREATE TRIGGER audit_only_append BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'audit rows are only appended');
END;
CREATE UNIQUE INDEX account_label ON account (label_key) WHERE deleted_us = 0;
CREATE INDEX job_due ON job (due_us) WHERE done_us = 0 AND due_us > 0;
CREATE INDEX draft_person ON draft (person_id, updated_us);
CREATE UNIQUE INDEX review_tag ON review (intent_tag) WHERE intent_tag <> '';
CREATE INDEX review_created ON review (created_us);
CREATE UNIQUE INDEX purchase_cloud_order ON purchase (cloud_order_id) WHERE cloud_order_id <> '';
CREATE INDEX purchase_list ON purchase (created_us, id);
CREATE INDEX purchase_page ON purchase (account_id, created_us, id, state, person_id);
CREATE INDEX purchase_account ON purchase (account_id, state);
CREATE INDEX purchase_state ON purchase (state, created_us, id);
CREATE INDEX purchase_hash ON purchase (hash, created_us);
CREATE INDEX purchase_price ON purchase (price_key, created_us);
CREATE INDEX instance_name ON instance (account_id, name_key, id) WHERE gone_us = 0;
CREATE INDEX instance_id ON instance (id);
CREATE INDEX instance_order ON instance (cloud_order);
CREATE INDEX instance_created ON instance (created_us) WHERE gone_us = 0;
CREATE INDEX server_instance ON server (account_id, instance_id);
CREATE INDEX selection_at ON selection (at_us);
CREATE INDEX meter_account ON meter (account_id);
CREATE INDEX traffic_hours_day ON traffic_hours (day);
CREATE INDEX traffic_days_month ON traffic_days (month);
CREATE INDEX probe_at ON probe (at_us);
COMMIT;
