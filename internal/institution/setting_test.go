package institution_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"yanlu/internal/institution"
	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
)

type hours struct {
	From int `json:"from"`
	To   int `json:"to"`
}

var quiet = institution.Setting[hours]{
	Name: "test.quiet", Label: "免打扰", Default: hours{22, 7},
	Check: func(h hours) error {
		if h.From < 0 || h.From > 23 {
			return errors.New("no such hour")
		}
		return nil
	},
}

// TestASettingHoldsForItsInstitution: the default holds until an institution
// sets another value, and then for this one alone.
func TestASettingHoldsForItsInstitution(t *testing.T) {
	t.Parallel()
	db, now := storetest.Open(t), time.Date(2026, 3, 3, 2, 0, 0, 0, time.UTC)
	var one, other institution.Institution
	set := func(raw string) error {
		return db.Tx(t.Context(), func(tx *store.Tx) error {
			return institution.Set(tx, now, one.ID, quiet, json.RawMessage(raw))
		})
	}
	if err := db.Tx(t.Context(), func(tx *store.Tx) error {
		one = institution.Add(tx, now, "甲县政协", institution.County, institution.SmallOffice, nil)
		other = institution.Add(tx, now, "乙县政协", institution.County, institution.SmallOffice, nil)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := func(id string, h hours) {
		t.Helper()
		got, err := quiet.Of(t.Context(), db, id)
		if err != nil || got != h {
			t.Errorf("%v, %v; want %v", got, err, h)
		}
	}
	want(one.ID, hours{22, 7})
	for _, raw := range []string{`{"from":21,"to":8}`, `{"from":20,"to":6}`} {
		if err := set(raw); err != nil {
			t.Fatal(err)
		}
	}
	want(one.ID, hours{20, 6})
	want(other.ID, hours{22, 7})
	for _, raw := range []string{`{"from":24}`, `{"from":"x"}`, `{"other":1}`, `[]`, `null x`} {
		if err := set(raw); !errors.Is(err, institution.ErrSetting) {
			t.Errorf("%s: %v, want ErrSetting", raw, err)
		}
	}
	values, err := institution.Settings(t.Context(), db, one.ID, []institution.AnySetting{quiet})
	if err != nil || len(values) != 1 || string(values[0].Value) != `{"from":20,"to":6}` || string(values[0].Default) != `{"from":22,"to":7}` || values[0].SetAt == nil {
		t.Errorf("%+v, %v", values, err)
	}
}
