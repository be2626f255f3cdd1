package cloudsim

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// misprint rewrites a finished answer as the fault f says.
func misprint(raw []byte, f Fault) any {
	switch f.Kind {
	case "as_printed":
		return asPrinted(raw)
	case "no_package":
		return withoutPart(raw, "huaweicloudinternal_cbc_freeresource")
	case "no_eip":
		return withoutPart(raw, "huaweicloudinternal_eip")
	}
	var body map[string]any
	if decodeNumbers(raw, &body) != nil {
		return rawBody(raw)
	}
	switch f.Kind {
	case "endless":
		body["page_info"] = obj{"current_count": len(body["resources"].([]any)), "next_marker": "after-0000"}
	case "short":
		shorten(body, max(1, f.Count), true)
	case "cut":
		shorten(body, max(1, f.Count), false)
	case "unsaid":
		for key := range body {
			body[key] = nil
		}
	default:
		emptied(body)
	}
	return body
}

// shorten takes the first n entries out of the lists, and out of their counts if these follow.
func shorten(body map[string]any, n int, follow bool) {
	missing := 0
	for key, v := range body {
		if all, is := v.([]any); is {
			missing = min(n, len(all))
			body[key] = all[missing:]
		}
	}
	if !follow {
		return
	}
	recount(body, missing)
	if paged, is := body["page_info"].(map[string]any); is {
		recount(paged, missing)
	}
}

// recount lowers the counts by the number of missing entries.
func recount(body map[string]any, missing int) {
	for key, v := range body {
		if count, is := v.(json.Number); is && strings.HasSuffix(key, "count") {
			total, _ := count.Int64() // we wrote it
			body[key] = total - int64(missing)
		}
	}
}

func emptied(body map[string]any) {
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
}

// withoutPart takes the parts of one logical type out of each instance.
func withoutPart(raw []byte, logical string) any {
	var body map[string]any
	if decodeNumbers(raw, &body) != nil {
		return rawBody(raw)
	}
	all, isList := body["resources"].([]any)
	if !isList {
		all = []any{body}
	}
	for _, r := range all {
		properties, _ := r.(map[string]any)["properties"].(map[string]any)
		parts, _ := properties["resources"].([]any)
		properties["resources"] = slices.DeleteFunc(parts,
			func(p any) bool { return p.(map[string]any)["logical_resource_type"] == logical })
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
	raw = bytes.ReplaceAll(raw, []byte(`"cloud_service_type":"hws.service.type.hcss"`),
		[]byte(`"cloud_service_type":"hws.service.type.hcsl"`))
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
