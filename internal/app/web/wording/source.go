package wording

import (
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/web/templates/text"
)

// OldestRead is when the servers were read of the region whose reading is the oldest;
// where no region is read, when the list of instances was. Zero: never.
func OldestRead(syncs []instance.Sync) time.Time {
	var oldest, listed time.Time
	regions := 0
	for _, y := range syncs {
		switch {
		case y.Source == "config" && (listed.IsZero() || y.OKAt.Before(listed)):
			listed = y.OKAt
		case strings.HasPrefix(y.Source, "ecs:"):
			if regions++; regions == 1 || y.OKAt.Before(oldest) {
				oldest = y.OKAt
			}
		}
	}
	if regions == 0 {
		return listed
	}
	return oldest
}

// WithProject is the source of servers in a further project, with the project's name
// instead of its id.
func WithProject(a account.Account, source string) string {
	place, id, further := strings.Cut(source, "/")
	if !further {
		return source
	}
	return place + "/" + a.ProjectName(id)
}

// SourceName is where a part of the picture comes from.
func SourceName(p *text.Printer, source string) string {
	kind, region, _ := strings.Cut(source, ":")
	switch kind {
	case "config":
		return p.T("instances.source.config")
	case "bss":
		return p.T("instances.source.bss")
	case "traffic":
		return p.T("instances.source.traffic")
	case "ces":
		return p.T("instances.source.ces", "Region", RegionName(p, region))
	case "ecs":
		if region, project, further := strings.Cut(region, "/"); further {
			return p.T("instances.source.ecs.project", "Region", RegionName(p, region), "Project", text.Name(project))
		}
		return p.T("instances.source.ecs", "Region", RegionName(p, region))
	case "ims":
		return p.T("instances.source.ims", "Region", RegionName(p, region))
	}
	return text.Name(source)
}
