package ecs

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/cloud"
)

var errNotObject = errors.New("a server is not an object")

// serverList is one page of the list of servers.
type serverList struct {
	region string
	words  cloud.Words // shared by the pages of one listing

	listed  bool
	counted bool
	count   int
	servers []instance.Server
	odd     error
}

// Complete reports whether the answer has a list.
func (l *serverList) Complete() bool { return l.listed }

// ReadJSON implements cloud.Reader.
func (l *serverList) ReadJSON(c *cloud.Cursor) {
	*l = serverList{region: l.region, words: l.words}
	c.Object(func(key []byte) {
		switch string(key) {
		case "count":
			if !c.IsNull() {
				l.count, l.counted = int(c.Int()), true
			}
		case "servers":
			l.listed = c.List(func() {
				if !c.IsObject() {
					l.odd = errNotObject
					return
				}
				l.servers = append(l.servers, read(c, l.words, l.region))
			})
		}
	})
}

// metadata is what is read out of a server's metadata (cloud-api, 8.1).
type metadata struct{ order, product, frozen, lockScene, lockSource, lockID, osType, image string }

// read reads a server as ECS lists it. Everything but the id may be null: asked
// for by an id it does not know, ECS answers that way.
func read(c *cloud.Cursor, w cloud.Words, region string) instance.Server {
	at := c.Mark()
	s := instance.Server{Region: region}
	var m metadata
	c.Object(func(key []byte) { field(c, w, string(key), &s, &m) })
	s.Raw = c.Since(at)
	s.Absent = s.Status == "" && s.Name == ""
	s.OrderID, s.ProductID, s.Frozen, s.LockScene = m.order, m.product, m.frozen == "freeze", m.lockScene
	s.OS, s.ImageName = family(m.osType), m.image
	if m.lockSource == "hcss" || m.lockSource == "hcsl" {
		s.InstanceID = m.lockID
	}
	return s
}

// field reads one field of a server. Config's resources have a switch of their
// own (package rms): the fields of the two have nothing in common but the form.
func field(c *cloud.Cursor, w cloud.Words, key string, s *instance.Server, m *metadata) {
	switch key {
	case "id":
		s.ID = c.Text()
	case "name":
		s.Name = c.Text()
	case "description":
		s.Description = c.Text()
	case "OS-EXT-SRV-ATTR:hostname":
		s.Hostname = c.Text()
	case "status":
		s.Status = c.Word(w)
	case "OS-EXT-STS:task_state":
		s.TaskState = c.Word(w)
	case "OS-EXT-STS:vm_state":
		s.VMState = c.Word(w)
	case "OS-EXT-STS:power_state":
		s.PowerState = int(c.Int())
	case "OS-EXT-AZ:availability_zone":
		s.Zone = c.Word(w)
	case "OS-SRV-USG:launched_at":
		s.Launched = c.Time()
	case "tenant_id":
		s.ProjectID = c.Word(w)
	case "host_status":
		s.HostStatus = c.Word(w)
	case "locked":
		s.Locked = c.Flag()
	case "created":
		s.Created = c.Time()
	case "updated":
		s.Updated = c.Time()
	case "enterprise_project_id":
		s.EnterpriseProjectID = c.Word(w)
	case "metadata":
		m.read(c, w)
	case "addresses":
		addresses(c, w, s)
	default:
		nested(c, w, key, s)
	}
}

// nested reads a field that is an object or a list; other fields are passed over.
func nested(c *cloud.Cursor, w cloud.Words, key string, s *instance.Server) {
	switch key {
	case "flavor":
		c.Object(func(key []byte) {
			switch string(key) {
			case "id":
				s.Flavor = c.Word(w)
			case "vcpus":
				s.VCPUs = int(c.Int())
			case "ram":
				s.MemoryMiB = int(c.Int())
			}
		})
	case "image":
		c.Object(func(key []byte) {
			if string(key) == "id" {
				s.ImageID = c.Word(w)
			}
		})
	case "fault":
		c.Object(func(key []byte) {
			if string(key) == "message" {
				s.Fault = c.Text()
			}
		})
	case "tags":
		s.Tags = nil
		c.List(func() { s.Tags = append(s.Tags, c.Word(w)) })
	case "sys_tags":
		c.List(func() { sysTag(c, w, s) })
	case "os-extended-volumes:volumes_attached":
		s.Disks = nil
		c.List(func() { s.Disks = append(s.Disks, disk(c, w)) })
	case "security_groups":
		s.SecurityGroups = nil
		c.List(func() {
			c.Object(func(key []byte) {
				if string(key) == "name" {
					s.SecurityGroups = append(s.SecurityGroups, c.Word(w))
				}
			})
		})
	}
}

func (m *metadata) read(c *cloud.Cursor, w cloud.Words) {
	c.Object(func(key []byte) {
		switch string(key) {
		case "metering.order_id":
			m.order = c.Text()
		case "metering.product_id":
			m.product = c.Word(w)
		case "EcmResStatus":
			m.frozen = c.Word(w)
		case "lockScene":
			m.lockScene = c.Word(w)
		case "lockSource":
			m.lockSource = c.Word(w)
		case "lockSourceId":
			m.lockID = c.Text()
		case "os_type":
			m.osType = c.Word(w)
		case "image_name":
			m.image = c.Word(w)
		}
	})
}

func sysTag(c *cloud.Cursor, w cloud.Words, s *instance.Server) {
	key, value, ok := c.Pair(w, func() string { return c.Word(w) })
	if !ok {
		return
	}
	if s.SysTags == nil {
		s.SysTags = make(map[string]string)
	}
	s.SysTags[key] = value
}

func disk(c *cloud.Cursor, w cloud.Words) instance.Disk {
	var d instance.Disk
	c.Object(func(key []byte) {
		switch string(key) {
		case "id":
			d.ID = c.Text()
		case "device":
			d.Device = c.Word(w)
		case "bootIndex":
			d.System = c.Word(w) == "0"
		}
	})
	return d
}

func family(osType string) catalog.OS {
	switch strings.ToLower(osType) {
	case "windows":
		return catalog.Windows
	case "linux":
		return catalog.Linux
	}
	return ""
}

// network is a VPC with the addresses that a server has in it.
type network struct {
	public, private []string
}

// addresses sorts them: floating ones are public. IPv4 comes first.
func addresses(c *cloud.Cursor, w cloud.Words, s *instance.Server) {
	networks := make(map[string]network)
	c.Object(func(key []byte) {
		var n network
		c.List(func() { n.read(c, w) })
		networks[w.Of(key)] = n
	})
	s.Networks, s.Public, s.Private = nil, nil, nil
	for _, id := range slices.Sorted(maps.Keys(networks)) {
		s.Networks = append(s.Networks, id)
		s.Public = append(s.Public, networks[id].public...)
		s.Private = append(s.Private, networks[id].private...)
	}
	v4first := func(a, b string) int { return strings.Count(a, ":") - strings.Count(b, ":") }
	slices.SortStableFunc(s.Public, v4first)
	slices.SortStableFunc(s.Private, v4first)
}

func (n *network) read(c *cloud.Cursor, w cloud.Words) {
	address, kind := "", ""
	c.Object(func(key []byte) {
		switch string(key) {
		case "addr":
			address = c.Text()
		case "OS-EXT-IPS:type":
			kind = c.Word(w)
		}
	})
	ip, err := netip.ParseAddr(address)
	switch {
	case err != nil:
	case kind == "floating":
		n.public = append(n.public, ip.String())
	default:
		n.private = append(n.private, ip.String())
	}
}
