package instance

import "context"

// Picture gives the newest picture. It costs nothing and never waits.
func (s *Service) Picture() *Picture {
	if p := s.picture.Load(); p != nil {
		return p
	}
	s.rebuild(context.Background())
	return s.picture.Load()
}

func (s *Service) rebuild(ctx context.Context) {
	all, err := s.Store.Everything(ctx)
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: read the picture", "err", err)
	}
	shares, labels := make(map[string]*share), make(map[string]string)
	var list []*share
	var rows []*Row
	for _, i := range all {
		sh := shares[i.AccountID]
		if sh == nil {
			sh = &share{account: i.AccountID, n: len(list)}
			shares[i.AccountID], list = sh, append(list, sh)
			labels[i.AccountID] = i.AccountID
		}
		if !i.GoneAt.IsZero() {
			continue
		}
		r := &Row{AccountID: i.AccountID, InstanceID: i.ID, ServerID: i.ServerID, Name: i.ServerName, InstanceName: i.Name, Region: i.Region,
			State: StateOf(i.State, i.TaskState, i.Frozen), Status: i.State, TaskState: i.TaskState, Address: i.Address, Image: i.Image, ImageName: i.Image,
			Spec: i.Spec, PackageID: i.PackageID, CloudOrder: i.CloudOrder, Expires: i.Expires, Created: i.Created, AutoRenew: i.AutoRenew,
			Frozen: i.Frozen, First: true, UpdatedAt: i.UpdatedAt, share: sh}
		if r.Name == "" {
			r.Name = i.Name
		}
		rows = append(rows, r.finish())
	}
	s.picture.Store(newSnapshot(rows, list, labels, s.Now))
}

// Touch asks for these servers to be read again soon and before all else: after
// an action. Ids of instances are taken too. It returns at once.
func (s *Service) Touch(accountID string, serverIDs ...string) { s.RefreshSoon(accountID) }

// Watching says whether somebody looks at pages of the console: then the
// picture is refreshed more often.
func (s *Service) Watching(active bool) { s.watched.Store(active) }

func (s *Service) setTraffic([]PackageTraffic)   {}
func (s *Service) setLabels(map[string][]string) {}
