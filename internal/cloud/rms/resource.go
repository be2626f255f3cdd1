package rms

import (
	"errors"
	"net/netip"

	"sampan/internal/app/instance"
	"sampan/internal/cloud"
)

var (
	errNotObject = errors.New("a resource is not an object")
	errCut       = errors.New("a page has less than it says")
)

// resourcePage is one page of the list of resources.
type resourcePage struct {
	words cloud.Words // shared by the pages of one listing

	listed  bool
	entries int // on this page, also those that are not kept
	count   int // that the answer says it has; 0 = it does not say
	out     []instance.Listed
	next    string
	odd     error
}

// Complete reports whether the answer has a list.
func (p *resourcePage) Complete() bool { return p.listed }

// ReadJSON implements cloud.Reader.
func (p *resourcePage) ReadJSON(c *cloud.Cursor) {
	*p = resourcePage{words: p.words}
	c.Object(func(key []byte) {
		switch string(key) {
		case "resources":
			p.listed = c.List(func() {
				p.entries++
				p.resource(c)
			})
		case "page_info":
			c.Object(func(key []byte) {
				switch string(key) {
				case "next_marker":
					p.next = c.Text()
				case "current_count":
					p.count = int(c.Int())
				}
			})
		}
	})
}

// resource reads an entry, which is kept if it is an instance of ours.
func (p *resourcePage) resource(c *cloud.Cursor) {
	if !c.IsObject() {
		p.odd = errNotObject
		return
	}
	at := c.Mark()
	r := resource{words: p.words}
	r.read(c)
	if i, ok := r.instance(); ok {
		i.Raw = c.Since(at)
		p.out = append(p.out, i)
	}
}

// resource is one instance as Config lists it. What the table of the reference
// puts inside properties, its example has outside: both places are read.
type resource struct {
	words    cloud.Words
	i        instance.Listed
	provider string
	in, out  properties
}

type properties struct {
	meta                               metadata
	description, product, plan, status string
	parts                              []instance.Part
}

type metadata struct{ order, spec, service string }

func (r *resource) read(c *cloud.Cursor) {
	i, w := &r.i, r.words
	c.Object(func(key []byte) {
		switch string(key) {
		case "id":
			i.ID = c.Text()
		case "name":
			i.Name = c.Text()
		case "provider":
			r.provider = c.Word(w)
		case "region_id":
			i.Region = c.Word(w)
		case "project_id":
			i.ProjectID = c.Word(w)
		case "project_name":
			i.ProjectName = c.Word(w)
		case "ep_id":
			i.EnterpriseProjectID = c.Word(w)
		case "ep_name":
			i.EnterpriseProjectName = c.Word(w)
		case "created":
			i.Created = c.Time()
		case "updated":
			i.Updated = c.Time()
		case "provisioning_state":
			i.ProvisioningState = c.Word(w)
		case "state":
			i.State = c.Word(w)
		case "tags":
			i.Tags = tags(c, w)
		case "properties":
			c.Object(func(key []byte) { r.in.read(c, w, key) })
		default:
			r.out.read(c, w, key)
		}
	})
}

func (p *properties) read(c *cloud.Cursor, w cloud.Words, key []byte) {
	switch string(key) {
	case "metadata":
		c.Object(func(key []byte) {
			switch string(key) {
			case "order_id":
				p.meta.order = c.Text()
			case "resource_spec_code":
				p.meta.spec = c.Word(w)
			case "cloud_service_type":
				p.meta.service = c.Word(w)
			}
		})
	case "description":
		p.description = c.Text()
	case "product_name":
		p.product = c.Word(w)
	case "plan_name":
		p.plan = c.Word(w)
	case "status":
		p.status = c.Word(w)
	case "resources":
		p.parts = nil
		c.List(func() { p.parts = append(p.parts, part(c, w)) })
	}
}

// part reads one entry of resources. An entry that is not an object gives an
// empty part.
func part(c *cloud.Cursor, w cloud.Words) instance.Part {
	var p instance.Part
	c.Object(func(key []byte) {
		switch string(key) {
		case "logical_resource_type":
			p.Logical = c.Word(w)
		case "physical_resource_type":
			p.Type = c.Word(w)
		case "physical_resource_id":
			p.ID = c.Text()
		case "physical_resource_name":
			p.Name = c.Text()
		case "resource_attributes":
			p.Attributes = attributes(c, w)
		}
	})
	if p.Attributes == nil {
		p.Attributes = map[string]string{}
	}
	return p
}

// attributes reads a list of pairs, without what may be a secret. Values are
// text; where the cloud sends an object instead, its JSON is kept as text.
func attributes(c *cloud.Cursor, w cloud.Words) map[string]string {
	type pair struct{ key, value string }
	var room [24]pair
	pairs := room[:0]
	c.List(func() {
		key, value, _ := c.Pair(w, c.AnyText)
		switch value {
		case "", "null", "[]": // mean none
			return
		}
		if !instance.Secretive(key) {
			pairs = append(pairs, pair{key, value})
		}
	})
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		out[p.key] = p.value
	}
	return out
}

// tags may come as an object or as a list of pairs.
func tags(c *cloud.Cursor, w cloud.Words) map[string]string {
	out := make(map[string]string)
	if c.IsObject() {
		c.Object(func(key []byte) { out[w.Of(key)] = c.Text() })
	} else {
		c.List(func() {
			if k, v, ok := c.Pair(w, c.Text); ok {
				out[k] = v
			}
		})
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// The kinds of part that are read out (cloud-api, 7); others are kept as they are.
const (
	serverPart  = "huaweicloudinternal_ecs_instance"
	packagePart = "huaweicloudinternal_cbc_freeresource"
	addressPart = "huaweicloudinternal_eip"
)

// instance puts together what was read. ok is false for what is not a FlexusL
// instance or is deleted.
func (r *resource) instance() (i instance.Listed, ok bool) {
	i = r.i
	ours := r.provider == "" || r.provider == "hcss" || r.provider == "hcsl"
	if i.ID == "" || i.State == "Deleted" || !ours {
		return instance.Listed{}, false
	}
	meta := r.in.meta
	if meta == (metadata{}) {
		meta = r.out.meta
	}
	i.Spec, i.OrderID = meta.spec, meta.order
	i.Description, i.Status = either(r.in.description, r.out.description), either(r.in.status, r.out.status)
	i.Product, i.Plan = either(r.in.product, r.out.product), either(r.in.plan, r.out.plan)
	i.Parts = r.in.parts
	if len(i.Parts) == 0 {
		i.Parts = r.out.parts
	}
	for _, p := range i.Parts {
		readOut(&i, p)
	}
	return i, true
}

func either(inside, outside string) string {
	if inside != "" {
		return inside
	}
	return outside
}

// readOut takes what the pages show out of a part.
func readOut(i *instance.Listed, p instance.Part) {
	switch {
	case p.Logical == serverPart && p.ID != "":
		i.ServerIDs = append(i.ServerIDs, p.ID)
	case p.Logical == packagePart && p.ID != "":
		i.PackageIDs = append(i.PackageIDs, p.ID)
		if end := cloud.ParseTime(p.Attributes["end_time"]); i.PackageEnd.IsZero() {
			i.PackageEnd = end
		}
	case p.Logical == addressPart:
		if ip, err := netip.ParseAddr(p.Attributes["public_ip_address"]); err == nil {
			i.Addresses = append(i.Addresses, ip.String())
		}
	}
}
