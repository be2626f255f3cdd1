package cloudsim

import (
	"strings"
	"unicode/utf8"
)

// Where the tags of a purchase are seen, by account: the reference does not say where they end up.
const (
	tagsAtBoth   = "both"
	tagsAtConfig = "config"
	tagsAtServer = "server"
)

// tagsInConfig are the tags that Config has of the order's instances.
func (o *order) tagsInConfig(a *account) map[string]string {
	if a.TagsAt == tagsAtServer && !o.Fleet {
		return nil
	}
	return o.Tags
}

// tagValues are the server's tags: those of its purchase until they are changed. What a server's tag cannot be is left out;
// the servers of a fleet have none.
func (in *instance) tagValues(a *account) map[string]string {
	if marks := in.edits().Marks; marks != nil {
		return marks
	}
	if in.order.Fleet || a.TagsAt == tagsAtConfig {
		return nil
	}
	out := map[string]string{}
	for key, value := range in.order.Tags {
		if serverTagFits(key, value) {
			out[key] = value
		}
	}
	return out
}

// serverTagFits says whether a server can have the tag.
func serverTagFits(key, value string) bool {
	return utf8.RuneCountInString(key) <= 36 && utf8.RuneCountInString(value) <= 43 && tagKeys.MatchString(key) &&
		tagValues.MatchString(value) && !strings.HasPrefix(key, "_sys_")
}
