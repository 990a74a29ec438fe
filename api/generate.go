package api

//go:generate go run yanlu openapi --docs ..
