package cloudsim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Image is a private image of an account in one region.
type Image struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"` // id or name
	Region    string    `json:"region"`
	Name      string    `json:"name"`
	OSType    string    `json:"os_type"`    // Linux (default) or Windows
	OSVersion string    `json:"os_version"` // "Ubuntu 22.04 server 64bit"
	MinDisk   int       `json:"min_disk"`   // GiB
	Status    string    `json:"status"`     // active (default), queued, saving, deleted, killed
	Shared    bool      `json:"shared"`     // by another account, accepted
	Created   time.Time `json:"created"`
}

type image struct{ Image }

var imageStatuses = []string{"active", "queued", "saving", "deleted", "killed"}

// AddImage gives an account a private image; what im leaves empty is made up.
func (c *Cloud) AddImage(im Image) (Image, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.state.account(im.Account)
	switch {
	case a == nil:
		return Image{}, fmt.Errorf("there is no account %q", im.Account)
	case a.project(im.Region) == "":
		return Image{}, fmt.Errorf("the account has not activated the region %q", im.Region)
	case im.OSType != "" && im.OSType != "Linux" && im.OSType != "Windows":
		return Image{}, fmt.Errorf("the OS type is Linux or Windows, not %q", im.OSType)
	case im.Status != "" && !slices.Contains(imageStatuses, im.Status):
		return Image{}, fmt.Errorf("there is no image status %q", im.Status)
	case im.MinDisk < 0:
		return Image{}, fmt.Errorf("a disk is not negative")
	}
	im.Account = a.ID
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&im.ID, derivedID(randomHex(16), "image"))
	fill(&im.Name, "image-"+im.ID[:4])
	fill(&im.OSType, "Linux")
	fill(&im.Status, "active")
	if im.OSType == "Windows" {
		fill(&im.OSVersion, "Windows Server 2019 Standard 64bit")
	}
	fill(&im.OSVersion, "Ubuntu 22.04 server 64bit")
	if im.MinDisk == 0 {
		im.MinDisk = 40
	}
	if im.Created.IsZero() {
		im.Created = c.now()
	}
	v := &image{im}
	c.state.addImage(v)
	return im, c.commit(rec("image", v))
}

// seedImages are a Linux and a Windows image in AP-Singapore and a Linux one in CN-Hong Kong, where activated.
func seedImages(a *account, now time.Time) []*image {
	var out []*image
	for _, im := range []Image{
		{Name: "golden-ubuntu", Region: singapore, OSType: "Linux", OSVersion: "Ubuntu 22.04 server 64bit", MinDisk: 40},
		{Name: "golden-windows", Region: singapore, OSType: "Windows", OSVersion: "Windows Server 2019 Standard 64bit", MinDisk: 60},
		{Name: "golden-debian", Region: hongKong, OSType: "Linux", OSVersion: "Debian GNU/Linux 11.1 64bit", MinDisk: 20},
	} {
		if a.project(im.Region) == "" {
			continue
		}
		im.ID, im.Account, im.Status = derivedID(a.ID, "image "+im.Name), a.ID, "active"
		im.Created = now.AddDate(0, -3, 0).Truncate(time.Second)
		out = append(out, &image{im})
	}
	return out
}

// image is one that the account may use.
func (s *state) image(a *account, id string) *image {
	for _, im := range s.images {
		if im.ID == id && im.Account == a.ID {
			return im
		}
	}
	return nil
}

// maxImages is the default and largest page of GET /v2/cloudimages.
const maxImages = 500

// listImages answers GET /v2/cloudimages for the region of the credential's project.
func (c *Cloud) listImages(x *exchange) reply {
	limit, bad := x.number("limit", maxImages, 1, 1000, false)
	dir, key := x.query("sort_dir"), x.query("sort_key")
	if bad || !slices.Contains([]string{"", "asc", "desc"}, dir) ||
		!slices.Contains([]string{"", "created_at", "name", "container_format", "disk_format", "status", "id", "size"}, key) {
		return refuse(&failure{status: http.StatusBadRequest, code: "IMG.0014", message: "limit, sort_key or sort_dir is invalid"})
	}
	a := x.caller.acct
	var hits []*image
	for _, im := range c.state.images {
		if im.Account == a.ID && im.Region == a.region(x.caller.project) && im.fits(x) {
			hits = append(hits, im)
		}
	}
	slices.SortStableFunc(hits, func(p, q *image) int {
		n := p.Created.Compare(q.Created)
		switch key {
		case "name":
			n = strings.Compare(p.Name, q.Name)
		case "id":
			n = strings.Compare(p.ID, q.ID)
		}
		if dir != "asc" {
			n = -n
		}
		return n
	})
	if marker := x.query("marker"); marker != "" {
		i := slices.IndexFunc(hits, func(im *image) bool { return im.ID == marker })
		if i < 0 {
			return refuse(&failure{status: http.StatusBadRequest, code: "IMG.0014", message: "marker is invalid"})
		}
		hits = hits[i+1:]
	}
	out := list{}
	for _, im := range page(hits, 0, limit) {
		out = append(out, im.wire(a))
	}
	return ok(obj{"images": out})
}

func (im *image) fits(x *exchange) bool {
	same := func(param, value string) bool { v := x.query(param); return v == "" || v == value }
	kind, visibility := "private", "private"
	if im.Shared {
		kind, visibility = "shared", "shared"
	}
	return same("__imagetype", kind) && same("visibility", visibility) && same("status", im.Status) &&
		same("virtual_env_type", "FusionCompute") && same("__os_type", im.OSType) && same("name", im.Name) && same("id", im.ID) &&
		same("member_status", "accepted") && same("enterprise_project_id", "0")
}

func (im *image) wire(a *account) obj {
	kind := "private"
	if im.Shared {
		kind = "shared"
	}
	platform, _, _ := strings.Cut(im.OSVersion, " ")
	at := stamp(im.Created.Add(10 * time.Minute))
	return obj{"id": im.ID, "name": im.Name, "status": im.Status, "__os_type": im.OSType, "__os_version": im.OSVersion,
		"__platform": platform, "__os_bit": "64", "min_disk": im.MinDisk, "min_ram": 0, "__image_size": "1234567890",
		"__image_source_type": "uds", "__imagetype": kind, "__isregistered": "true", "container_format": "bare",
		"disk_format": "zvhd2", "created_at": stamp(im.Created), "updated_at": at, "active_at": at, "visibility": kind,
		"virtual_env_type": "FusionCompute", "protected": false, "owner": a.project(im.Region), "self": "/v2/images/" + im.ID,
		"tags": list{}, "__support_agent_list": "hss,ces"}
}
