package account

import (
	"slices"
	"strings"
)

// RegionOf takes the name of a project apart: a region's own project is called
// like the region, a further one "<region>_<name>" (cloud-api, 3.4).
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

// ProjectName gives what the identity service calls a project, its id when it
// does not name it.
func (a Account) ProjectName(id string) string {
	for name, of := range a.Projects {
		if of == id {
			return name
		}
	}
	return id
}

// In is the access with which to work in a project of a region: what is read and
// operated there is that project's. "" and the region's own are as without.
// Purchases go to the region's own project whatever is said here.
func (a Access) In(region, project string) Access {
	if a.Project = project; project == a.Projects[region] {
		a.Project = ""
	}
	return a
}
