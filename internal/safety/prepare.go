package safety

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/account"
	"yanlu/internal/store"
)

// readyCheck is a check with what the platform is asked.
type readyCheck struct {
	Check
	Question
}

// prepare drops what the institution does not want checked, or what is gone,
// and reads what is asked about the others: the texts of each kind and the
// openids at once, each institution's setting once.
func (s *Service) prepare(ctx context.Context, batch []Check) ([]readyCheck, error) {
	wanted, dropped, err := s.wanted(ctx, batch)
	if err != nil || len(wanted) == 0 {
		return nil, s.drop(ctx, dropped, err)
	}
	openIDs, err := s.openIDs(ctx, wanted)
	if err != nil {
		return nil, err
	}
	texts, err := s.texts(ctx, wanted)
	if err != nil {
		return nil, err
	}
	var ready []readyCheck
	for _, c := range wanted {
		r := readyCheck{Check: c, Question: Question{OpenID: openIDs[c.AccountID]}}
		if c.AttachmentID != nil {
			r.Address = s.pictures.Address(*c.AttachmentID, linkTime)
		} else {
			text, ok := texts[c.MatterID]
			if !ok {
				dropped = append(dropped, c.ID)
				continue
			}
			r.Text = text
		}
		ready = append(ready, r)
	}
	return ready, s.drop(ctx, dropped, nil)
}

// wanted parts what the institution has checked from what it does not.
func (s *Service) wanted(ctx context.Context, batch []Check) (wanted []Check, dropped []string, err error) {
	type of struct{ institution, kind string }
	on := map[of]bool{}
	for _, c := range batch {
		key := of{c.InstitutionID, c.Kind}
		if _, known := on[key]; !known {
			k, ok := s.source(c.Kind)
			if ok {
				if ok, err = k.setting().Of(ctx, s.db, c.InstitutionID); err != nil {
					return nil, nil, err
				}
			}
			on[key] = ok
		}
		if on[key] {
			wanted = append(wanted, c)
		} else {
			dropped = append(dropped, c.ID)
		}
	}
	return wanted, dropped, nil
}

func (s *Service) openIDs(ctx context.Context, checks []Check) (map[string]string, error) {
	var ids []string
	for _, c := range checks {
		ids = append(ids, c.AccountID)
	}
	accounts, err := gorm.G[account.Account](s.db.Gorm(ctx)).Where("id IN ?", ids).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find openids: %w", err)
	}
	by := map[string]string{}
	for _, a := range accounts {
		by[a.ID] = a.OpenID
	}
	return by, nil
}

func (s *Service) texts(ctx context.Context, checks []Check) (map[string]Text, error) {
	by := map[string][]string{}
	for _, c := range checks {
		if c.AttachmentID == nil {
			by[c.Kind] = append(by[c.Kind], c.MatterID)
		}
	}
	all := map[string]Text{}
	for kind, ids := range by {
		k, _ := s.source(kind)
		texts, err := k.Texts(ctx, s.db, ids)
		if err != nil {
			return nil, fmt.Errorf("read the texts of %s: %w", kind, err)
		}
		for id, t := range texts {
			all[id] = t
		}
	}
	return all, nil
}

// drop deletes checks that are not to be made, unless something failed before.
func (s *Service) drop(ctx context.Context, ids []string, before error) error {
	if before != nil || len(ids) == 0 {
		return before
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("DELETE FROM checks WHERE id IN ? AND state = 'QUEUED'", ids)
		return nil
	})
}
