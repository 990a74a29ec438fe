package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/store"
)

// How the handling goes on is told once a day. Each notice is a row of the inbox
// with a push that is held. At the institution's hour the newest of a person's
// pushes becomes the one that goes out, with the number of matters in it, and
// the others end. All of it is one transaction that locks the person's rows: of
// two servers, the second finds none.

// mostHeld bounds how many notices one digest takes up.
const mostHeld = 500

// gather makes the digests that are due, of at most batch notices' people.
func (d *Dispatcher) gather(ctx context.Context, h *habits) error {
	now := d.s.now()
	rows, err := gorm.G[Push](d.s.db.Gorm(ctx)).Where("status = 'HELD' AND next_at <= ?", now).Order("next_at").Limit(d.o.Batch).Find(ctx)
	if err != nil {
		return fmt.Errorf("look for digests: %w", err)
	}
	seen := map[string]bool{}
	for _, p := range rows {
		if seen[p.PersonID] {
			continue
		}
		seen[p.PersonID] = true
		habit, err := h.get(ctx, p.InstitutionID)
		if err != nil {
			return err
		}
		// The first of them says when: what came before the hour goes out at it.
		if at := after(habit.digest, p.CreatedAt); now.Before(at) {
			err = d.hold(ctx, p.PersonID, now, at)
		} else {
			err = d.digest(ctx, p.PersonID, now)
		}
		if err != nil {
			return fmt.Errorf("make a digest: %w", err)
		}
	}
	return nil
}

// hold lets a person's notices rest until the hour of the digest.
func (d *Dispatcher) hold(ctx context.Context, personID string, now, at time.Time) error {
	return d.s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("UPDATE pushes SET next_at = ? WHERE person_id = ? AND status = 'HELD' AND next_at <= ?", at, personID, now)
		return nil
	})
}

func (d *Dispatcher) digest(ctx context.Context, personID string, now time.Time) error {
	return d.s.db.Tx(ctx, func(tx *store.Tx) error {
		lock := ""
		if tx.Postgres() {
			lock = " FOR UPDATE"
		}
		var held []Push
		err := tx.Gorm(ctx).Raw("SELECT * FROM pushes WHERE person_id = ? AND status = 'HELD' ORDER BY id LIMIT ?"+lock, personID, mostHeld).Scan(&held).Error
		if err != nil || len(held) == 0 {
			return err
		}
		inbox := make([]string, len(held))
		for i, p := range held {
			inbox[i] = p.InboxID
		}
		unread, err := gorm.G[Message](tx.Gorm(ctx)).Where("id IN ? AND read_at IS NULL", inbox).Find(ctx)
		if err != nil {
			return err
		}
		matterOf := map[string]string{}
		for _, m := range unread {
			matterOf[m.ID] = m.MatterID
		}
		return d.settle(tx, held, matterOf, now)
	})
}

// settle ends the held pushes of a person but for the newest unread one, which
// it queues. matterOf has the unread messages.
func (d *Dispatcher) settle(tx *store.Tx, held []Push, matterOf map[string]string, now time.Time) error {
	var carrier *Push
	matters, kinds := map[string]bool{}, map[string]bool{}
	for i, p := range held {
		matterID, unread := matterOf[p.InboxID]
		if !unread {
			tx.Exec("UPDATE pushes SET status = ?, done_at = ? WHERE id = ?", Seen, now, p.ID)
			continue
		}
		if carrier != nil {
			tx.Exec("UPDATE pushes SET status = ?, done_at = ? WHERE id = ?", Merged, now, carrier.ID)
		}
		carrier, matters[matterID] = &held[i], true
		var words map[string]string
		if err := json.Unmarshal([]byte(p.ValuesJSON), &words); err != nil {
			return fmt.Errorf("read the words of a push: %w", err)
		}
		kinds[words["kind"]] = true
	}
	if carrier == nil {
		return nil
	}
	words := carrier.ValuesJSON
	if len(matters) > 1 {
		raw, err := json.Marshal(several(len(matters), kinds, now))
		if err != nil {
			return err
		}
		words = string(raw)
	}
	tx.Exec("UPDATE pushes SET status = ?, values_json = ?, next_at = ? WHERE id = ?", Queued, words, now, carrier.ID)
	return nil
}

// several is what a digest of more than one matter says.
func several(n int, kinds map[string]bool, now time.Time) map[string]string {
	kind := "事项"
	if len(kinds) == 1 {
		for k := range kinds {
			if k != unsaid {
				kind = k
			}
		}
	}
	title := fmt.Sprintf("%d件%s有新进展", n, kind)
	return Notice{Title: title, Values: map[string]string{"kind": kind, "status": "有新进展", "note": "请打开小程序查看"}}.complete(now)
}
