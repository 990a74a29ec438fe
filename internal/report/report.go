// Package report tells of many matters at once, of every kind: how many stand where,
// and the lists that an office takes out as tables.
//
// What it counts and lists for somebody is what that person sees, by the one condition
// of package matter.
package report

import (
	"time"

	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// Service counts and lists.
type Service struct {
	db       *store.DB
	matters  *matter.Service
	handling *handling.Service
	now      func() time.Time
}

// New returns the service.
func New(db *store.DB, matters *matter.Service, tail *handling.Service, now func() time.Time) *Service {
	return &Service{db: db, matters: matters, handling: tail, now: now}
}
