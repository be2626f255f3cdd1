-- +goose Up
ALTER TABLE sync ADD COLUMN said TEXT NOT NULL DEFAULT ''; -- JSON: the values of the sentence in trouble
