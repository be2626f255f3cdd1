package cloudsim

import (
	"bytes"
	"encoding/json"
	"strings"
)

// misprint rewrites a finished answer the way a kind of fault says.
func misprint(raw []byte, kind string) any {
	if kind == "as_printed" {
		return asPrinted(raw)
	}
	var body map[string]any
	if decodeNumbers(raw, &body) != nil {
		return rawBody(raw)
	}
	if kind == "endless" {
		body["page_info"] = obj{"current_count": len(body["resources"].([]any)), "next_marker": "after-0000"}
		return body
	}
	for key, v := range body {
		switch v.(type) {
		case []any:
			body[key] = list{}
		case json.Number:
			if strings.HasSuffix(key, "count") {
				body[key] = 0
			}
		}
	}
	if _, paged := body["page_info"]; paged {
		body["page_info"] = obj{"current_count": 0, "next_marker": nil}
	}
	return body
}

func decodeNumbers(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return dec.Decode(v)
}

// asPrinted is Config's answer with the spelling and the nesting of the reference's example (4.2).
func asPrinted(raw []byte) any {
	raw = bytes.ReplaceAll(raw, []byte(`"provider":"hcss"`), []byte(`"provider":"hcsl"`))
	raw = bytes.ReplaceAll(raw, []byte(`"cloud_service_type":"hws.service.type.hcss"`), []byte(`"cloud_service_type":"hws.service.type.hcsl"`))
	var body map[string]any
	if decodeNumbers(raw, &body) != nil {
		return rawBody(raw)
	}
	all, isList := body["resources"].([]any)
	if !isList {
		all = []any{body}
	}
	for _, r := range all {
		liftProperties(r)
	}
	return body
}

// liftProperties leaves metadata and description inside and puts the rest beside them.
func liftProperties(r any) {
	resource, is := r.(map[string]any)
	if !is {
		return
	}
	properties, _ := resource["properties"].(map[string]any)
	for key, v := range properties {
		if key != "metadata" && key != "description" {
			resource[key] = v
			delete(properties, key)
		}
	}
}
