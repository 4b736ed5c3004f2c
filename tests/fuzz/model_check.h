/* SPDX-License-Identifier: GPL-2.0-only */
/* What holds of the shadow model whatever it was fed with.  */
#ifndef MSITRACE_TESTS_MODEL_CHECK_H
#define MSITRACE_TESTS_MODEL_CHECK_H

#include "validator/model.h"

/* What is wrong with it, NULL: nothing.  */
const char *model_check(const struct model *m);

#endif
