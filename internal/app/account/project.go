package account

import (
	"slices"
	"strings"
)

// RegionOf gives the region in the name of a project: a region's own project has the
// region's name, a further one is called "<region>_<name>" (cloud-api, 3.4).
func RegionOf(project string) (region string, own bool) {
	region, _, further := strings.Cut(project, "_")
	return region, !further
}

// RegionsOf gives the regions of projects by name, sorted: those that have a
// project of their own.
func RegionsOf(projects map[string]string) []string {
	var all []string
	for name := range projects {
		if region, own := RegionOf(name); own {
			all = append(all, region)
		}
	}
	slices.Sort(all)
	return all
}

// Further gives the names of a region's further projects, sorted.
func (a Account) Further(region string) []string {
	var all []string
	for name := range a.Projects {
		if of, own := RegionOf(name); !own && of == region {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// ProjectName gives the identity service's name of a project, or the id when it has
// no name.
func (a Account) ProjectName(id string) string {
	for name, of := range a.Projects {
		if of == id {
			return name
		}
	}
	return id
}

// In is the access for reading and changing what is in a project of a region. "" and
// the region's own project give a without change. Purchases always go to the region's
// own project.
func (a Access) In(region, project string) Access {
	if a.Project = project; project == a.Projects[region] {
		a.Project = ""
	}
	return a
}
