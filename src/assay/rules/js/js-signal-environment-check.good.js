if (process.env.CIRCLE) draw();
